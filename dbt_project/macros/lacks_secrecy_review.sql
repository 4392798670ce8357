{% macro lacks_secrecy_review(fact, dispatched) -%}
    {{ fact }}.secrecy_review_is_open
    or ({{ dispatched }}.secrecy_review = 'always' and {{ fact }}.secrecy_review_passed_on is null)
{%- endmacro %}
