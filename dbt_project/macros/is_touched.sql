{% macro is_touched(key, column=none) -%}
    {%- if is_incremental() -%}
        {{ key }} in (select k.{{ column or key.split('.') | last }} from touched_{{ this.identifier }} as k)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
