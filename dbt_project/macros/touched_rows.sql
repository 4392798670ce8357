{% macro touched_rows(relation, key) -%}
    {%- if is_incremental() -%}
        (
            select r.*
            from touched_{{ this.identifier }} as k
            cross join lateral (select l.* from {{ relation }} as l where l.{{ key }} = k.{{ key }} offset 0) as r
        )
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
