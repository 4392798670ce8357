{% macro due_after_stay(day, count, fact) -%}
    {{ working_day_after(
        day,
        count ~ " + case when " ~ fact ~ ".stay_lifted_on is null then 0 when " ~ fact ~ ".stay_ordered_on <= "
        ~ working_day_after(day, count) ~ " then greatest("
        ~ working_days_between("greatest(" ~ fact ~ ".stay_ordered_on, " ~ day ~ ")", fact ~ '.stay_lifted_on')
        ~ ", 0) else 0 end"
    ) }}
{%- endmacro %}
