{% macro working_day_after(day, count) -%}
    (
        select later.date_day
        from {{ ref('dim_date') }} as counted_from
        inner join {{ ref('dim_date') }} as later
            on later.is_working_day and later.working_day_no = counted_from.working_day_no + {{ count }}
        where counted_from.date_day = {{ day }}
    )
{%- endmacro %}
