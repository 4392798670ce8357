-- Grain: one enterprise (统一社会信用代码) of which any fact tells: its product-quality credit archive as known now.
-- A view, so that a day costs nothing and no count can differ from its events: one archive is read by an index, a list
-- of all of them reads all events. It has no name: dim_enterprise has it, and a sole trader's may be a person's own.
-- What was annulled counts in findings_annulled only. A fact that names the enterprise in two roles gives points once.
{{ config(materialized='view') }}
{%- set stands = 'e.annulled_on is null' -%}
with counted as (
    select
        e.uscc,
        min(e.region_code) as region_code,
        min(e.event_on) as first_event_on,
        max(e.event_on) as last_event_on,
        count(*) filter (where e.event_kind = 'inspection') as inspections,
        count(*) filter (where e.indicator = 'failed_inspection' and {{ stands }}) as failed_inspections,
        count(*) filter (where e.event_kind = 'spot_check' and e.role = 'producer') as samples_produced,
        count(*) filter (where e.indicator = 'failed_sample' and e.role = 'producer' and {{ stands }})
            as failed_samples_produced,
        count(*) filter (where e.event_kind = 'spot_check' and e.role = 'seller') as samples_sold,
        count(*) filter (where e.indicator = 'failed_sample' and e.role = 'seller' and {{ stands }})
            as failed_samples_sold,
        {%- for state in ['valid', 'suspended', 'revoked', 'cancelled', 'expired'] %}
            count(distinct e.source_key) filter (
                where e.event_kind = 'certificate' and e.state = '{{ state | upper }}' and e.closed_on is null
            ) as certificates_{{ state }},
        {%- endfor %}
        count(distinct e.source_key) filter (where e.event_kind = 'ccc_check') as ccc_checks,
        count(distinct e.source_key) filter (where e.indicator = 'failed_ccc_check' and {{ stands }})
            as failed_ccc_checks,
        count(*) filter (where e.event_kind = 'supervision_check') as supervision_checks,
        count(*) filter (where e.indicator = 'failed_supervision_check' and {{ stands }})
            as failed_supervision_checks,
        count(*) filter (where e.indicator = 'penalty' and {{ stands }}) as penalties,
        coalesce(sum(e.amount) filter (where e.indicator = 'penalty' and {{ stands }}), 0)::numeric(20, 2)
            as fine_amount,
        count(*) filter (where e.indicator = 'other_dept_penalty' and {{ stands }}) as other_dept_penalties,
        coalesce(sum(e.amount) filter (where e.indicator = 'other_dept_penalty' and {{ stands }}), 0)::numeric(20, 2)
            as other_dept_fine_amount,
        count(*) filter (where e.indicator = 'serious_listing' and e.closed_on is null and {{ stands }})
            as serious_listings,
        count(*) filter (where e.indicator is not null and e.annulled_on is not null) as findings_annulled,
        count(*) filter (where e.event_kind = 'repair_granted') as repairs
    from {{ ref('credit_archive_event') }} as e
    where e.uscc is not null
    group by e.uscc
),

findings as (
    select
        e.uscc,
        e.source_key,
        e.indicator,
        e.event_on,
        bool_or(e.closed_on is null) as is_open
    from {{ ref('credit_archive_event') }} as e
    where e.uscc is not null and e.indicator is not null and {{ stands }} and e.repaired_on is null
    group by e.uscc, e.source_key, e.indicator, e.event_on
),

weighed as (
    select
        f.uscc,
        count(*) filter (
            where
            f.is_open
            and f.indicator in ('failed_inspection', 'failed_sample', 'failed_ccc_check', 'failed_supervision_check')
        ) as open_failures,
        coalesce(sum(weight.points), 0)::bigint as risk_points
    from findings as f
    cross join
        lateral (
            select sum(r.points) as points
            from {{ ref('dim_archive_risk_rule') }} as r
            where
                f.indicator = r.indicator
                and (f.is_open or not r.only_open)
                and (r.months is null or f.event_on > r.counts_after)
        ) as weight
    group by f.uscc
)

select
    c.uscc,
    c.first_event_on,
    c.last_event_on,
    c.inspections,
    c.failed_inspections,
    c.samples_produced,
    c.failed_samples_produced,
    c.samples_sold,
    c.failed_samples_sold,
    c.certificates_valid,
    c.certificates_suspended,
    c.certificates_revoked,
    c.certificates_cancelled,
    c.certificates_expired,
    c.ccc_checks,
    c.failed_ccc_checks,
    c.supervision_checks,
    c.failed_supervision_checks,
    c.penalties,
    c.fine_amount,
    c.other_dept_penalties,
    c.other_dept_fine_amount,
    c.serious_listings,
    c.findings_annulled,
    c.repairs,
    coalesce(w.open_failures, 0) as open_failures,
    coalesce(d.records_due, 0) as records_due,
    coalesce(d.records_held, 0) as records_held,
    coalesce(d.records_ended, 0) as records_ended,
    coalesce(d.records_public, 0) as records_public,
    coalesce(w.risk_points, 0) as risk_points,
    (
        select r.risk_class
        from {{ ref('dim_archive_risk_rule') }} as r
        where r.risk_class is not null and r.points <= coalesce(w.risk_points, 0)
        order by r.points desc
        limit 1
    ) as risk_class,
    (select max(r.as_of_day) from {{ ref('dim_archive_risk_rule') }} as r) as as_of_day,
    c.region_code
from counted as c
left join weighed as w on c.uscc = w.uscc
left join {{ ref('credit_archive_disclosure') }} as d on c.uscc = d.uscc
