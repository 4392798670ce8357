{# Relations are named without ref(): while dbt parses, it does not know which test asks about which model. #}
{% macro lately_touched(relation) -%}
    {%- set name = relation.identifier | replace('__dbt__cte__', '') -%}
    {%- set keys = {
        'dim_certificate': ['certificate_no', 'source_delivery_id'],
        'dim_enterprise': ['uscc', 'source_delivery_id'],
        'dim_equipment': ['device_code', 'source_delivery_id'],
        'fct_inspection': ['source_key', 'source_delivery_id'],
        'int_certificates_versioned': ['source_key', 'delivery_id'],
        'int_device_states': ['device_code', 'delivery_id'],
        'int_enterprises_versioned': ['source_key', 'delivery_id'],
        'int_inspections_judged': ['device_key', 'source_delivery_id'],
        'int_inspections_versioned': ['source_key', 'delivery_id'],
        'int_register_names': ['uscc', 'source_delivery_id'],
        'int_subject_parties': ['source_key', 'source_delivery_id'],
        'trace_forward': ['delivery_id', 'delivery_id'],
    } -%}
    {%- if name in keys -%}
        {%- set key, delivery = keys[name] -%}
        {%- do return(
            key ~ ' in (select k.' ~ key ~ ' from ' ~ relation ~ ' as k where k.' ~ delivery ~ ' in ' ~ new_deliveries() ~ ')'
        ) -%}
    {%- elif name == 'int_subject_candidates' -%}
        {%- do return(
            'source_key in (select p.source_key from intermediate.int_subject_parties as p where p.source_delivery_id in '
            ~ new_deliveries() ~ ')'
        ) -%}
    {%- elif name in ('fct_verdict', 'int_verdicts_of_days') -%}
        {%- do return(
            '(valid_day, known_day) = (select t.valid_day, t.known_day from intermediate.int_as_of_day as t)'
            ~ " and (subject_kind <> 'inspection' or source_delivery_id in " ~ new_deliveries() ~ ')'
        ) -%}
    {%- endif -%}
{%- endmacro %}
