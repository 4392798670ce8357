-- Grain: source × submitter × week or month in which it delivered. Rates are shares of the rows that were judged one by
-- one, so the rows of blocked deliveries count in neither part.
with deliveries as (
    select
        d.delivery_id,
        d.source,
        coalesce(nullif(d.submitter, ''), 'unknown') as submitter,
        p.period,
        date_trunc(p.period, d.business_day)::date as period_start,
        d.received_rows,
        d.quarantined_rows,
        d.blocked_rows
    from {{ ref('stg_platform__judged_deliveries') }} as d
    cross join (values ('week'), ('month')) as p (period)
),

counted as (
    select
        source,
        submitter,
        period,
        period_start,
        count(*) as deliveries,
        sum(received_rows)::bigint as received_rows,
        sum(quarantined_rows)::bigint as quarantined_rows,
        sum(blocked_rows)::bigint as blocked_rows,
        sum(quarantined_rows) / nullif(sum(received_rows) - sum(blocked_rows), 0) as quarantine_rate
    from deliveries
    group by source, submitter, period, period_start
),

rejected_rows as (
    select
        d.source,
        d.submitter,
        d.period,
        d.period_start,
        count(*) filter (where q.state = 'resolved') as resolved_rows,
        count(*) filter (where q.state = 'open') as open_rows,
        count(*) filter (where q.state = 'withdrawn') as withdrawn_rows,
        max(q.age_days) filter (where q.state = 'open') as oldest_open_days
    from deliveries as d
    inner join {{ ref('fct_quarantine') }} as q on d.delivery_id = q.delivery_id
    group by d.source, d.submitter, d.period, d.period_start
),

reasons as (
    select
        d.source,
        d.submitter,
        d.period,
        d.period_start,
        format('%s %s ×%s (%s)', r.rule_id, max(r.reason), sum(r.failed_rows), max(r.severity)) as reason,
        row_number() over (
            partition by d.source, d.submitter, d.period, d.period_start order by sum(r.failed_rows) desc, r.rule_id asc
        ) as place
    from deliveries as d
    inner join {{ ref('stg_platform__rule_results') }} as r on d.delivery_id = r.delivery_id and r.failed_rows > 0
    group by d.source, d.submitter, d.period, d.period_start, r.rule_id
),

top_reasons as (
    select
        source,
        submitter,
        period,
        period_start,
        array_agg(reason order by place) as reasons
    from reasons
    where place <= 5
    group by source, submitter, period, period_start
)

select
    c.source,
    c.submitter,
    c.period,
    c.period_start,
    c.deliveries,
    c.received_rows,
    c.quarantined_rows,
    c.blocked_rows,
    c.quarantine_rate::numeric(9, 6) as quarantine_rate,
    coalesce(q.resolved_rows, 0) as resolved_rows,
    coalesce(q.open_rows, 0) as open_rows,
    coalesce(q.withdrawn_rows, 0) as withdrawn_rows,
    q.oldest_open_days,
    coalesce(t.reasons, '{}')::text[] as top_reasons,
    lag(c.period_start) over by_period as previous_start,
    (lag(c.quarantine_rate) over by_period)::numeric(9, 6) as previous_rate,
    (c.quarantine_rate - lag(c.quarantine_rate) over by_period)::numeric(9, 6) as rate_change
from counted as c
left join rejected_rows as q
    on
        c.source = q.source
        and c.submitter = q.submitter
        and c.period = q.period
        and c.period_start = q.period_start
left join top_reasons as t
    on
        c.source = t.source
        and c.submitter = t.submitter
        and c.period = t.period
        and c.period_start = t.period_start
window by_period as (partition by c.source, c.submitter, c.period order by c.period_start)
