-- Grain: one record that must be public as of the day, subject to its review.
-- Replaced in one transaction (delete and insert), so that readers and the live views on it never miss it.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ empty_first() }}",
    indexes=[{'columns': ['record_id'], 'unique': true}],
) }}
with published as (
    select 'penalty' as subject_kind, p.source_key, p.channel, p.doubt, p.payload
    from {{ ref('int_penalties_published') }} as p
    union all
    select 'penalty' as subject_kind, d.source_key, d.channel, d.doubt, d.payload
    from {{ ref('int_penalties_dual_published') }} as d
    union all
    select 'spot_check_party' as subject_kind, s.source_key, s.channel, null as doubt, s.payload
    from {{ ref('int_spot_checks_published') }} as s
    union all
    select 'serious_listing' as subject_kind, l.source_key, l.channel, l.doubt, l.payload
    from {{ ref('int_serious_listings_published') }} as l
    union all
    select 'ccc_holder' as subject_kind, c.source_key, c.channel, null as doubt, c.payload
    from {{ ref('int_ccc_validity_published') }} as c
    union all
    select 'supervision_check' as subject_kind, k.source_key, k.channel, null as doubt, k.payload
    from {{ ref('int_supervision_checks_published') }} as k
    union all
    select 'other_dept_penalty' as subject_kind, o.source_key, o.channel, null as doubt, o.payload
    from {{ ref('int_other_dept_penalties_published') }} as o
)

select
    o.record_id,
    o.channel,
    o.record_type,
    o.source_key,
    o.subject_key,
    o.uscc,
    case when coalesce(o.subject_status, '') <> 'unregistered' then o.subject_name end as subject_name,
    o.rule_id,
    o.regime_id,
    o.regime_selector,
    o.regime_valid_from,
    o.due_on,
    due.is_provisional as due_is_provisional,
    case when o.clock_start = 'decided_on' then o.publish_until end as publish_until,
    o.publicity_months,
    o.restricted_until,
    (
        o.review_required or p.doubt is not null or cardinality(r.findings) > 0 or coalesce(d.needs_review, false)
    ) as review_required,
    o.attention,
    concat_ws(
        ' ',
        p.doubt,
        nullif(array_to_string(r.findings, ' '), ''),
        case when d.needs_review then 'document:' || d.findings end
    ) as findings,
    r.public as payload,
    disclosure.payload_sha256(r.public) as payload_sha256,
    o.document_sha256 as served_sha256,
    o.document_sha256,
    o.handling_office,
    o.source_delivery_id,
    o.source_row_no,
    o.valid_day,
    o.known_day,
    o.place_region_code,
    o.registration_region_code,
    o.authority_region_code
from {{ ref('int_obligations_judged') }} as o
inner join published as p
    on o.subject_kind = p.subject_kind and o.source_key = p.source_key and o.channel = p.channel
left join {{ ref('int_redaction_profiles') }} as f on o.channel = f.channel and o.record_type = f.record_type
cross join lateral disclosure.redact_payload(p.payload, f.profile) as r
left join {{ ref('int_public_documents_as_of_day') }} as d
    on o.document_sha256 = d.sha256_served and p.payload ? 'documents'
left join {{ ref('dim_date') }} as due on o.due_on = due.date_day
where o.standing = 'due'
