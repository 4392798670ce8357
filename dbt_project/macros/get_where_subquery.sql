{% macro get_where_subquery(relation) -%}
    {%- set keys = {
        'dim_certificate': 'certificate_no',
        'dim_enterprise': 'uscc',
        'dim_equipment': 'device_code',
        'fct_inspection': 'source_key',
        'int_certificates_versioned': 'source_key',
        'int_device_states': 'device_code',
        'int_enterprises_versioned': 'source_key',
        'int_inspections_judged': 'device_key',
        'int_inspections_versioned': 'source_key',
    } -%}
    {%- set delivery = 'delivery_id' if relation.identifier.endswith(('_versioned', '_states')) else 'source_delivery_id' -%}
    {%- set conditions = [config.get('where')] | select | list -%}
    {%- if relation.identifier in ('fct_verdict', '__dbt__cte__int_verdicts_of_days') -%}
        {%- do conditions.append(
            "(valid_day, known_day) = (select t.valid_day, t.known_day from intermediate.int_as_of_day as t)"
            ~ " and (subject_kind <> 'inspection' or source_delivery_id in " ~ new_deliveries() ~ ")"
        ) -%}
    {%- elif relation.identifier in keys -%}
        {%- set key = keys[relation.identifier] -%}
        {%- do conditions.append(
            key ~ " in (select k." ~ key ~ " from " ~ relation ~ " as k where k." ~ delivery ~ " in " ~ new_deliveries() ~ ")"
        ) -%}
    {%- endif -%}
    {%- if conditions -%}
        {%- do return("(select * from " ~ relation ~ " where " ~ conditions | join(" and ") ~ ") as dbt_subquery") -%}
    {%- endif -%}
    {%- do return(relation) -%}
{%- endmacro %}
