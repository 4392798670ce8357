{% macro comparable_name(name) -%}
    translate(regexp_replace(normalize({{ name }}, nfkc), '\s', '', 'g'), '[]{}〔〕【】〈〉《》', '()()()()()()')
{%- endmacro %}
