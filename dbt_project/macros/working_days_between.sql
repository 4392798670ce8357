{% macro working_days_between(first_day, last_day) -%}
    (
        select counted_to.working_day_no - counted_from.working_day_no
        from {{ ref('dim_date') }} as counted_from
        inner join {{ ref('dim_date') }} as counted_to on counted_to.date_day = {{ last_day }}
        where counted_from.date_day = {{ first_day }}
    )
{%- endmacro %}
