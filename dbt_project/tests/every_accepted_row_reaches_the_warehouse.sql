-- Each loaded delivery has as many versions in the warehouse as landing accepted rows of it.
{% set stores = {
    'case_events': 'int_case_events_versioned',
    'cnca_validity_checks': 'int_ccc_checks_versioned',
    'cnca_certificates': 'int_certificates_versioned',
    'registry_enterprises': 'int_enterprises_versioned',
    'agency_inspections': 'int_inspections_versioned',
    'amr_penalties': 'int_penalties_versioned',
    'samr_spot_checks': 'int_spot_checks_versioned',
    'amr_serious_listings': 'int_serious_listings_versioned',
    'amr_supervision_checks': 'int_supervision_checks_versioned',
    'other_department_penalties': 'int_other_dept_penalties_versioned',
} %}
with versions as (
    {% for source, store in stores.items() %}
        select '{{ source }}' as source, delivery_id, count(*) as version_count
        from {{ ref(store) }}
        group by delivery_id
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    d.delivery_id,
    d.source,
    d.accepted_rows,
    v.version_count
from {{ ref('stg_platform__deliveries') }} as d
left join versions as v on d.delivery_id = v.delivery_id and d.source = v.source
where
    d.source in ('{{ stores | join("', '") }}')
    and d.accepted_rows <> coalesce(v.version_count, 0)
