{% macro rule_changed_on(version, dispatched, excluded_on='null') -%}
    case
        when not coalesce({{ version }}.is_in_force, false) then {{ version }}.changed_on
        when not {{ is_dispatched(dispatched) }} then {{ dispatched }}.changed_on
        else {{ excluded_on }}
    end
{%- endmacro %}
