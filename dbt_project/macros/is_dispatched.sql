{% macro is_dispatched(dispatched) -%}
    coalesce({{ dispatched }}.enabled and {{ dispatched }}.is_in_force, false)
{%- endmacro %}
