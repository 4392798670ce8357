{# Relations are named without ref(): while dbt parses, it does not know which test asks about which model. #}
{% macro lately_touched(relation) -%}
    {%- set deliveries = new_deliveries() -%}
    {%- set lately = '(' ~ deliveries | join(', ') ~ ')' -%}
    {%- set name = relation.identifier | replace('__dbt__cte__', '') -%}
    {%- set keys = {
        'dim_certificate': ['certificate_no', 'source_delivery_id'],
        'dim_enterprise': ['uscc', 'source_delivery_id'],
        'dim_equipment': ['device_code', 'source_delivery_id'],
        'fct_hazard': ['device_key', 'source_delivery_id'],
        'fct_inspection': ['source_key', 'source_delivery_id'],
        'int_certificate_states': ['certificate_no', 'delivery_id'],
        'int_certificates_versioned': ['source_key', 'delivery_id'],
        'int_device_due': ['device_key', 'source_delivery_id'],
        'int_device_states': ['device_code', 'delivery_id'],
        'int_enterprises_versioned': ['source_key', 'delivery_id'],
        'int_inspections_judged': ['device_key', 'source_delivery_id'],
        'int_inspections_versioned': ['source_key', 'delivery_id'],
        'int_register_names': ['uscc', 'source_delivery_id'],
        'int_subject_parties': ['source_key', 'source_delivery_id'],
        'subject_resolution': ['source_key', 'source_delivery_id'],
    } -%}
    {%- set rows_of_deliveries = {
        'credit_archive_event': 'source_delivery_id',
        'int_archive_facts': 'delivery_id',
        'int_metric_contributions': 'source_delivery_id',
        'stg_agency_inspections__reports': 'delivery_id',
        'stg_cnca_certificates__certificates': 'delivery_id',
    } -%}
    {%- if name in keys -%}
        {%- set key, delivery = keys[name] -%}
        {%- do return(
            key ~ ' in (select k.' ~ key ~ ' from ' ~ relation ~ ' as k where k.' ~ delivery ~ ' in ' ~ lately ~ ')'
        ) -%}
    {%- elif name in rows_of_deliveries -%}
        {%- do return(rows_of_deliveries[name] ~ ' in ' ~ lately) -%}
    {%- elif name in ('int_subject_candidates', 'subject_review') -%}
        {%- do return(
            'source_key in (select p.source_key from intermediate.int_subject_parties as p where p.source_delivery_id in '
            ~ lately ~ ')'
        ) -%}
    {%- elif name in ('fct_verdict', 'int_verdicts_of_days') -%}
        {%- do return(
            '(valid_day, known_day) = (select t.valid_day, t.known_day from intermediate.int_as_of_day as t)'
            ~ " and (subject_kind <> 'inspection' or source_delivery_id in " ~ lately ~ ')'
        ) -%}
    {%- elif name == 'trace_forward' -%}
        {%- do return('delivery_id = ' ~ deliveries[0]) -%}
    {%- endif -%}
{%- endmacro %}
