-- Grain: one party that one version of a fact names, by its role. Name and code of a natural person stay out.
-- Incremental by delivery: the facts of new deliveries, with all versions.
{{ config(
    materialized='incremental',
    unique_key=['fact_kind', 'source_key'],
    incremental_strategy='delete+insert',
    indexes=[
        {'columns': ['source_key', 'fact_kind']},
        {'columns': ['source_delivery_id', 'source_row_no']},
        {'columns': ['uscc']},
        {'columns': ['comparable_name']},
        {'columns': ['name_core']},
        {'columns': ['head_name']},
    ],
) }}
{# fact kind, versions, source, day of the fact, parties as (role, name, code, division, is a natural person) #}
{%- set nobody = 'false' -%}
{%- set person = "v.party_kind = '自然人'" -%}
{%- set facts = [
    ('inspection', ref('int_inspections_versioned'), 'agency_inspections', 'v.reported_on', [
        ('user_unit', 'v.user_unit_name', 'v.user_unit_uscc', 'v.region_code', nobody),
        ('agency', 'v.agency_name', 'v.agency_uscc', 'substr(v.agency_uscc, 3, 6)', nobody),
    ]),
    ('spot_check', ref('int_spot_checks_versioned'), 'samr_spot_checks', 'v.reported_on', [
        ('producer', 'v.producer_name', 'v.producer_uscc', 'v.producer_region_code', nobody),
        ('seller', 'v.seller_name', 'v.seller_uscc', 'v.seller_region_code', nobody),
    ]),
    ('certificate', ref('int_certificates_versioned'), 'cnca_certificates', 'v.issued_on', [
        ('applicant', 'v.applicant_name', 'v.applicant_uscc', 'null', nobody),
        ('manufacturer', 'v.manufacturer_name', 'null', 'null', nobody),
        ('factory', 'v.factory_name', 'v.factory_uscc', 'null', nobody),
    ]),
    ('ccc_check', ref('int_ccc_checks_versioned'), 'cnca_validity_checks', 'v.reported_on', [
        ('holder', 'v.holder_name', 'v.holder_uscc', 'null', nobody),
        ('factory', 'v.factory_name', 'null', 'null', nobody),
    ]),
    ('penalty', ref('int_penalties_versioned'), 'amr_penalties', 'v.decided_on', [
        ('party', 'v.party_name', 'v.party_uscc', 'v.party_region_code', person),
    ]),
    ('other_dept_penalty', ref('int_other_dept_penalties_versioned'), 'other_department_penalties',
     'v.pendecissdate', [('party', 'v.entname', 'v.uniscid', 'null', nobody)]),
    ('serious_listing', ref('int_serious_listings_versioned'), 'amr_serious_listings', 'v.listed_on', [
        ('party', 'v.party_name', 'v.party_uscc', 'v.party_region_code', person),
    ]),
    ('supervision_check', ref('int_supervision_checks_versioned'), 'amr_supervision_checks', 'v.checked_on', [
        ('party', 'v.party_name', 'v.party_uscc', 'v.party_region_code', nobody),
    ]),
] -%}
with named as (
    {%- for kind, versions, source, fact_on, parties in facts %}
        {%- if not loop.first %}
            union all
        {%- endif %}
        select
            '{{ kind }}' as fact_kind,
            v.source_key,
            party.*,
            {{ fact_on }} as fact_on,
            v.known_from,
            v.known_to,
            v.delivery_id as source_delivery_id,
            v.row_no as source_row_no
        from {{ versions }} as v
        cross join
            lateral (
                values
                {%- for role, name, uscc, region_code, is_person in parties %}
                    (
                        '{{ role }}', case when not ({{ is_person }}) then {{ name }}::text end,
                        case when not ({{ is_person }}) then {{ uscc }}::text end,
                        {{ region_code }}::text,
                        {{ is_person }}
                    ){{ ',' if not loop.last }}
                {%- endfor %}
            ) as party (role, party_name, uscc, region_code, is_natural_person)
        where
            (party.party_name is not null or party.uscc is not null or party.is_natural_person)
            and {{ changed_keys(versions, source) }}
    {%- endfor %}
)

select
    n.*,
    {{ comparable_name('n.party_name') }} as comparable_name,
    {{ name_core(comparable_name('n.party_name')) }} as name_core,
    {{ head_company(comparable_name('n.party_name')) }} as head_name
from named as n
