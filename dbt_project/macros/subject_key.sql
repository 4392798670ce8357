{% macro subject_key(uscc, source_key) -%}
    coalesce({{ uscc }}, 'party:' || encode(sha256(convert_to({{ source_key }}, 'UTF8')), 'hex'))
{%- endmacro %}
