{% macro subject_status(uscc, registered, named, on_day, is_natural_person='false') -%}
    case
        when {{ uscc }} is null and {{ is_natural_person }} then 'unregistered'
        when {{ registered }}.uscc is null then 'unresolved'
        when {{ named }}.valid_from <= {{ on_day }} then 'resolved'
        else 'name_mismatch'
    end
{%- endmacro %}
