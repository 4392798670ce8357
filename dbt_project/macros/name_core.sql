{% macro name_core(comparable_name) -%}
    regexp_replace(translate({{ comparable_name }}, '()', ''), '(集团)?(股份)?(有限)?(责任)?公司$', '')
{%- endmacro %}
