{% macro list_touched(source, key) -%}
    {%- set versions = ref(versions_of()[source]) -%}
    {%- set name = this.identifier -%}
    {{ list_unread([source]) }}
    {%- if is_incremental() %}
        create temporary table moved_{{ name }} on commit drop as
        select distinct v.source_key
        from {{ versions }} as v
        where v.delivery_id in (select n.delivery_id from unread_{{ name }} as n);

        analyze moved_{{ name }};

        {# A correction may name another key than the row before it: both are touched. #}
        create temporary table touched_{{ name }} on commit drop as
        select distinct v.{{ key }}
        from {{ versions }} as v
        where v.source_key in (select m.source_key from moved_{{ name }} as m);

        analyze touched_{{ name }}
    {%- endif -%}
{%- endmacro %}
