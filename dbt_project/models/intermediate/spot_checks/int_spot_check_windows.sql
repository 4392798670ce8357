-- Grain: sample × responsible party of a failed sample: its objection window (domain 11 A9) and what settled it.
-- The day of service does not count; a last day that is no working day moves on to the next one (民法典 arts 201, 203).
-- Beyond the published calendar the later reading holds (A16). An objection counts when it was raised within the
-- window, its last day included (产品质量法 art. 15), for the party or for the sample; while no end is known none is late.
-- A retest or a refusal decides the objection raised before it. Publication waits a further intake lag, for objections
-- that are on their way (A11).
with windows as (
    select
        p.source_key,
        p.role,
        p.valid_day,
        p.served_on,
        p.objection_withdrawn_on,
        p.retest_confirmed_on,
        greatest(p.retest_confirmed_on, p.objection_rejected_on) as decided_against_on,
        term.intake_lag_working_days,
        term.provisional_margin_days,
        case
            when not term.enabled then null
            when term.day_kind = 'calendar' then {{ working_day_on_or_after('p.served_on + term.days') }}
            when term.day_kind = 'working' then {{ working_day_after('p.served_on', 'term.days') }}
        end as last_day
    from {{ ref('int_spot_check_parties_as_of_day') }} as p
    left join
        {{ in_force(
            'objection_window', 'p.reported_on', "rule_row.product_domain = p.product_domain"
        ) }} as term on true
    where p.conclusion = 'FAIL'
),

ended as (
    select
        w.*,
        case
            when last_day.is_provisional
                then {{ working_day_on_or_after('w.last_day + w.provisional_margin_days') }}
            else w.last_day
        end as window_ends_on
    from windows as w
    left join {{ ref('dim_date') }} as last_day on w.last_day = last_day.date_day
),

raised_in_time as (
    select
        e.source_key,
        e.role,
        max(o.objected_on) as objected_on
    from ended as e
    inner join {{ ref('int_objections_as_of_day') }} as o
        on
            e.source_key = split_part(o.event_source_key, '|', 1)
            and split_part(o.event_source_key, '|', 2) in ('', e.role)
            and coalesce(o.objected_on <= e.window_ends_on, true)
    group by e.source_key, e.role
),

settled as (
    select
        e.*,
        raised.objected_on,
        coalesce(raised.objected_on <= e.objection_withdrawn_on, false) as is_withdrawn,
        coalesce(raised.objected_on <= e.decided_against_on, false) as is_decided
    from ended as e
    left join raised_in_time as raised on e.source_key = raised.source_key and e.role = raised.role
)

select
    s.source_key,
    s.role,
    s.served_on,
    s.objected_on,
    s.window_ends_on,
    s.retest_confirmed_on,
    s.objected_on is not null and not s.is_withdrawn and not s.is_decided as objection_is_open,
    case
        when s.is_decided then s.decided_against_on
        when s.is_withdrawn then greatest(s.window_ends_on, s.objection_withdrawn_on)
        else s.window_ends_on
    end as settled_on,
    s.served_on is not null and (
        s.is_decided
        or coalesce({{ working_day_after('s.window_ends_on', 's.intake_lag_working_days') }} < s.valid_day, false)
    ) as is_settled
from settled as s
