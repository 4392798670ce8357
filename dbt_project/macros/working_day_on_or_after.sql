{% macro working_day_on_or_after(day) -%}
    (
        select min(later.date_day)
        from {{ ref('dim_date') }} as later
        where later.is_working_day and later.date_day between {{ day }} and {{ day }} + 31
    )
{%- endmacro %}
