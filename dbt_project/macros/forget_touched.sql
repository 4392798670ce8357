{% macro forget_touched(source, key) -%}
    {{ list_touched(source, key) }}
    {%- if is_incremental() %};

        delete from {{ this }} as t
        where
            t.ctid = any(array(
                select d.ctid
                from touched_{{ this.identifier }} as k
                cross join lateral (select l.ctid from {{ this }} as l where l.{{ key }} = k.{{ key }} offset 0) as d
            ))
    {%- endif -%}
{%- endmacro %}
