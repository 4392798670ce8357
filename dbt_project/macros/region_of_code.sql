{% macro region_of_code(uscc) -%}
    substring({{ uscc }} from '^[0-9A-Z]{2}([1-9][0-9]{5})')
{%- endmacro %}
