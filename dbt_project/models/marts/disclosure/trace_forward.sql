-- Grain: one received row of any source × what it led to (a verdict of the day, if any). A duplicate row is followed
-- from the row it repeats. A live view; filter it by delivery_id.
{{ config(materialized='view') }}
with facts as (
    {% for store in versions_of().values() %}
        select delivery_id, row_no, source_key, known_from, known_to from {{ ref(store) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    o.delivery_id,
    o.row_no,
    d.source,
    d.submitter,
    d.uri,
    d.business_day as delivered_on,
    o.outcome,
    o.rule_ids,
    q.reasons,
    o.same_as_delivery_id,
    o.same_as_row_no,
    o.resolved_by_delivery_id,
    f.source_key,
    case when f.known_to < 'infinity' then f.known_to end as replaced_on,
    v.subject_key,
    v.rule_id,
    v.verdict,
    v.reason,
    v.record_id,
    s.state,
    (
        select array_agg(r.seq order by r.seq)
        from {{ source('disclosure', 'record') }} as r
        where r.source_delivery_id = f.delivery_id and r.source_row_no = f.row_no
    ) as ledger_seqs
from {{ source('landing', 'row_outcome') }} as o
inner join {{ source('landing', 'delivery') }} as d on o.delivery_id = d.delivery_id
left join {{ source('quality', 'quarantine') }} as q on o.delivery_id = q.delivery_id and o.row_no = q.row_no
left join facts as f
    on
        coalesce(o.same_as_delivery_id, o.delivery_id) = f.delivery_id
        and coalesce(o.same_as_row_no, o.row_no) = f.row_no
left join lateral (
    select a.*
    from {{ source('control', 'business_day') }} as b
    inner join {{ ref('int_verdicts_of_days') }} as a on b.business_day = a.valid_day and b.known_day = a.known_day
    where a.source_delivery_id = f.delivery_id and a.source_row_no = f.row_no
    {# Else the planner, which cannot know how many intervals hold a day, reads every verdict for each row. #}
    offset 0
) as v on true
left join {{ ref('int_obligations_now') }} as s on v.record_id = s.record_id
