{% macro in_region(code, other_code) -%}
    starts_with({{ code }}, regexp_replace({{ other_code }}, '(00){1,2}$', ''))
    or starts_with({{ other_code }}, regexp_replace({{ code }}, '(00){1,2}$', ''))
{%- endmacro %}
