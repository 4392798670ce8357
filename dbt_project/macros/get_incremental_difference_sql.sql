{# dbt finds a strategy by this name. What is kept is looked up by the touched keys (the offset keeps the planner from
   reading the whole table), and before a row is written: while a table grows, an empty one would be read row by row.
   Two new rows of one key are both written, so that the unique index or test tells of them. #}
{% macro get_incremental_difference_sql(arg_dict) -%}
    {%- set kept, anew, key = arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'] -%}
    {%- set names = arg_dict['dest_columns'] | map(attribute='quoted') | list -%}
    {%- set same_key = [] -%}
    {%- for column in key -%}
        {%- do same_key.append('t.' ~ column ~ ' = n.' ~ column) -%}
    {%- endfor -%}
    {%- set same_key = same_key | join(' and ') %}
    delete from {{ kept }} as gone
    where
        gone.ctid = any(array(
            select t.ctid
            from touched_{{ kept.identifier }} as k
            cross join
                lateral (select l.ctid, l.* from {{ kept }} as l where l.{{ key[0] }} = k.{{ key[0] }} offset 0) as t
            where
                not exists (
                    select from {{ anew }} as n
                    where
                        {{ same_key }}
                        and (n.{{ names | join(', n.') }}) is not distinct from (t.{{ names | join(', t.') }})
                )
        ));

    with stays as materialized (
        select t.*
        from {{ touched_rows(kept, key[0]) }} as t
    )

    insert into {{ kept }} ({{ names | join(', ') }})
    select n.{{ names | join(', n.') }}
    from {{ anew }} as n
    where not exists (select from stays as t where {{ same_key }})
{%- endmacro %}
