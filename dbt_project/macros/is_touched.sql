{% macro is_touched(key) -%}
    {%- if is_incremental() -%}
        {{ key }} in (select k.{{ key.split('.') | last }} from touched_{{ this.identifier }} as k)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
