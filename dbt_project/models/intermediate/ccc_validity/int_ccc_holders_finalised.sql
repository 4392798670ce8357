-- Grain: failed validity-check sample. Final when no objection is open, and the body or SAMR has confirmed the result
-- (its revocation of the certificate, its decision against an objection or after a retest) or the holder is served and
-- the objection window is over (domain 9.4, 11 A9). A suspension or an order to correct is handling and confirms
-- nothing: handling does not wait, publication does (A10). A withdrawn objection was open until its withdrawal, so the
-- result is not final before. Windows as for spot checks: int_spot_check_windows.
with windows as (
    select
        h.source_key,
        h.valid_day,
        h.served_on,
        h.objected_on,
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
        end as last_day,
        case when h.objected_on <= h.objection_withdrawn_on then h.objection_withdrawn_on end as withdrawn_on,
        coalesce(h.objected_on <= h.decided_against_on, false) as is_decided
    from {{ ref('int_ccc_holders_as_of_day') }} as h
    left join {{ in_force('objection_window', 'h.reported_on', "rule_row.product_domain = 'ccc'") }} as term on true
    where h.conclusion = 'FAIL'
),

settled as (
    select
        w.*,
        w.objected_on is not null and w.withdrawn_on is null and not w.is_decided as objection_is_open,
        case
            when last_day.is_provisional
                then {{ working_day_on_or_after('w.last_day + w.provisional_margin_days') }}
            else w.last_day
        end as window_ends_on
    from windows as w
    left join {{ ref('dim_date') }} as last_day on w.last_day = last_day.date_day
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
