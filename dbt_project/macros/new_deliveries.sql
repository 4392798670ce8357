{# Without ref(): while dbt parses it does not know which tests ask. Every model they test stands on both. #}
{% macro new_deliveries() -%}
    (
        select n.delivery_id
        from staging.stg_platform__deliveries as n
        cross join intermediate.int_as_of_day as t
        where n.business_day > t.known_day - {{ var('tested_days') }}
    )
{%- endmacro %}
