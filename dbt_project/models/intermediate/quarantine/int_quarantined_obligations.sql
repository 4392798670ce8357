-- Grain: open quarantined row of a disclosable source × channel that such a fact goes to: a provisional obligation. Its
-- clock runs from whatever date of the fact can be read, else from receipt; a row of a spot check, whose windows cannot
-- be read, from its report. Inlined into each live view, as int_quarantine_now is.
{{ config(materialized='ephemeral') }}
{% set sources = {
    'amr_penalties': ('administrative_penalty', 'decided_on'),
    'samr_spot_checks': ('spot_check', 'reported_on'),
    'amr_serious_listings': ('serious_listing', 'listed_on'),
    'cnca_validity_checks': ('ccc_validity', 'reported_on'),
    'amr_supervision_checks': ('other_check', 'checked_on'),
    'other_department_penalties': ('other_dept_penalty', 'received_on'),
} %}
with sources (source, record_type, date_field) as (
    values
    {% for source, (record_type, date_field) in sources.items() -%}
        ('{{ source }}', '{{ record_type }}', '{{ date_field }}'){{ ',' if not loop.last }}
    {% endfor %}
),

rows as (
    select
        q.delivery_id,
        q.row_no,
        q.source,
        q.source_key,
        q.submitter,
        q.rule_ids,
        s.record_type,
        least(
            coalesce(quality.to_date(r.record ->> s.date_field), q.business_day), q.business_day
        ) as clock_from
    from {{ ref('int_quarantine_now') }} as q
    inner join sources as s on q.source = s.source
    inner join {{ source('quality', 'quarantine') }} as r on q.delivery_id = r.delivery_id and q.row_no = r.row_no
    where q.state = 'open'
)

select
    r.delivery_id,
    r.row_no,
    r.source,
    r.source_key,
    r.submitter,
    r.rule_ids,
    c.channel,
    r.record_type,
    later.date_day as due_on,
    later.is_provisional as due_is_provisional
from rows as r
cross join
    lateral (
        select
            d.channel,
            min(d.deadline_working_days) as deadline_working_days
        from {{ ref('dispatch') }} as d
        where
            d.record_type = r.record_type
            and d.enabled
            and d.status = 'in_force'
            and d.known_to = 'infinity'
            and d.valid_from <= r.clock_from and r.clock_from < d.valid_to
        group by d.channel
    ) as c
left join {{ ref('dim_date') }} as counted_from on r.clock_from = counted_from.date_day
left join {{ ref('dim_date') }} as later
    on later.is_working_day and later.working_day_no = counted_from.working_day_no + c.deadline_working_days
