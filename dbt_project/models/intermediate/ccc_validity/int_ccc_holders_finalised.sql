-- Grain: failed validity-check sample. Final when no objection is open, and the body or SAMR has confirmed the result
-- (its revocation of the certificate, its decision against an objection or after a retest) or the holder is served and
-- the objection window is over (domain 9.4, 11 A9). A suspension or an order to correct is handling and confirms
-- nothing: handling does not wait, publication does (A10). A withdrawn objection was open until its withdrawal, so the
-- result is not final before. Windows, and which objections are in time, as for spot checks: int_spot_check_windows.
with windows as (
    select
        h.source_key,
        h.valid_day,
        h.served_on,
        h.objection_withdrawn_on,
        h.decided_against_on,
        least(
            h.decided_against_on,
            case when h.disposition = '撤销' and h.disposition_on <= h.valid_day then h.disposition_on end
        ) as confirmed_on,
        term.intake_lag_working_days,
        term.provisional_margin_days,
        case
            when not term.enabled then null
            when term.day_kind = 'calendar' then {{ working_day_on_or_after('h.served_on + term.days') }}
            when term.day_kind = 'working' then {{ working_day_after('h.served_on', 'term.days') }}
        end as last_day
    from {{ ref('int_ccc_holders_as_of_day') }} as h
    left join {{ in_force('objection_window', 'h.reported_on', "rule_row.product_domain = 'ccc'") }} as term on true
    where h.conclusion = 'FAIL'
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
        max(o.objected_on) as objected_on
    from ended as e
    inner join {{ ref('int_objections_as_of_day') }} as o
        on e.source_key = o.event_source_key and coalesce(o.objected_on <= e.window_ends_on, true)
    group by e.source_key
),

settled as (
    select
        e.*,
        raised.objected_on,
        raised.objected_on is not null
        and coalesce(raised.objected_on > greatest(e.objection_withdrawn_on, e.decided_against_on), true)
            as objection_is_open,
        case when raised.objected_on <= e.objection_withdrawn_on then e.objection_withdrawn_on end as withdrawn_on,
        coalesce(raised.objected_on <= e.decided_against_on, false) as is_decided
    from ended as e
    left join raised_in_time as raised on e.source_key = raised.source_key
),

decided as (
    select
        s.*,
        not s.objection_is_open and (
            s.confirmed_on is not null
            or coalesce({{ working_day_after('s.window_ends_on', 's.intake_lag_working_days') }} < s.valid_day, false)
        ) as is_final
    from settled as s
)

select
    d.source_key,
    d.served_on,
    d.confirmed_on,
    d.objected_on,
    d.objection_is_open,
    d.window_ends_on,
    d.is_final,
    case
        when not d.is_final then null
        when d.is_decided then d.decided_against_on
        else greatest(least(d.confirmed_on, d.window_ends_on), d.withdrawn_on)
    end as final_on
from decided as d
