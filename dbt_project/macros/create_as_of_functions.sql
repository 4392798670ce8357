{% macro create_as_of_functions() -%}
    {%- set periods = ['dim_enterprise', 'dim_equipment', 'dim_certificate'] -%}
    {%- set facts = [
        'fct_inspection', 'fct_spot_check', 'fct_ccc_check', 'fct_penalty', 'fct_serious_listing',
        'fct_supervision_check', 'fct_other_dept_penalty', 'fct_spot_check_party', 'fct_spot_check_item',
        'fct_spot_check_event', 'subject_resolution',
    ] -%}
    {%- for name in periods + facts -%}
        {%- set relation = ref(name) -%}
        {%- if execute and flags.WHICH in ('build', 'run') and load_relation(relation) -%}
            {%- set has_valid_day = name in periods -%}
            {%- set function = relation.schema ~ '.' ~ name.removeprefix('dim_').removeprefix('fct_') ~ '_as_of' -%}
            {%- set arguments = 'valid_day date, known_day date' if has_valid_day else 'known_day date' -%}
            {%- set columns = run_query(
                "select quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) from pg_attribute as a"
                ~ " where a.attrelid = '" ~ relation ~ "'::regclass and a.attnum > 0 and not a.attisdropped"
                ~ " order by a.attnum"
            ) %}
            {# Named columns, not the table's row type: the swap of a rebuilt table would drop the function with it. #}
            drop function if exists {{ function }}({{ arguments }});
            create function {{ function }}({{ arguments }})
            returns table ({{ columns.columns[0].values() | join(', ') }})
            language sql stable security invoker
            as $$ select t.* from
            {{- as_of(relation, '$1' if has_valid_day else none, '$2' if has_valid_day else '$1') }} as t $$;
        {% endif -%}
    {%- endfor -%}
    {{ create_region_as_of() }}
{%- endmacro %}
