-- Grain: failed validity-check sample × holder. Final when the holder is served, no objection is open, and the body or
-- SAMR has confirmed the result or the objection window (domain 9.4, 11 A9) is over. The disposition of the certificate
-- is handling and does not wait; publication does (A10). Windows as for spot checks: int_spot_check_windows.
with windows as (
    select
        h.holder_source_key,
        h.valid_day,
        h.served_on,
        h.objected_on,
        h.retest_confirmed_on,
        term.provisional_margin_days,
        case
            when not term.enabled then null
            when term.day_kind = 'calendar' then {{ working_day_on_or_after('h.served_on + term.days') }}
            when term.day_kind = 'working' then {{ working_day_after('h.served_on', 'term.days') }}
        end as last_day,
        coalesce(h.objected_on <= h.objection_withdrawn_on, false) as is_withdrawn,
        h.retest_confirmed_on is not null and coalesce(h.objected_on <= h.retest_confirmed_on, true) as is_confirmed
    from {{ ref('int_ccc_holders_as_of_day') }} as h
    left join {{ in_force('objection_window', 'h.reported_on', "rule_row.product_domain = 'ccc'") }} as term on true
    where h.conclusion = 'FAIL'
),

settled as (
    select
        w.*,
        w.objected_on is not null and not w.is_withdrawn and not w.is_confirmed as objection_is_open,
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
        s.served_on is not null and not s.objection_is_open
        and (s.is_confirmed or coalesce(s.window_ends_on < s.valid_day, false)) as is_final
    from settled as s
)

select
    d.holder_source_key,
    d.served_on,
    d.objected_on,
    d.objection_is_open,
    d.window_ends_on,
    d.is_final,
    case
        when not d.is_final then null
        when d.is_confirmed then greatest(d.retest_confirmed_on, d.served_on)
        else d.window_ends_on
    end as final_on
from decided as d
