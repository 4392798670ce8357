-- Grain: disclosable fact × verdict rule × day: the verdicts of all record types in one shape, with what follows
-- from them: due, held, ended (was due once) or none. publish_until is the last visible day; STOP comes the day after.
{% set columns = [
    'subject_kind', 'source_key', 'rule_id', 'valid_day', 'known_day', 'verdict', 'hold_reason', 'stops_clock',
    'hold_owner', 'held_since', 'look_again_on', 'channel', 'record_type', 'record_id', 'fact_on', 'subject_key', 'uscc',
    'subject_name', 'subject_status', 'handling_office', 'due_on', 'regime_id', 'clock_start', 'publicity_months',
    'stops_itself', 'restricted_until', 'review_required', 'document_sha256', 'source_delivery_id', 'source_row_no',
] %}
with judged as (
    select {{ columns | join(', ') }} from {{ ref('int_penalties_judged') }}
    union all
    select {{ columns | join(', ') }} from {{ ref('int_spot_checks_judged') }}
    union all
    select {{ columns | join(', ') }} from {{ ref('int_serious_listings_judged') }}
    union all
    select {{ columns | join(', ') }} from {{ ref('int_ccc_validity_judged') }}
    union all
    select {{ columns | join(', ') }} from {{ ref('int_supervision_checks_judged') }}
    union all
    select {{ columns | join(', ') }} from {{ ref('int_other_dept_penalties_judged') }}
),

termed as (
    select
        j.*,
        p.published_on,
        greatest(
            (
                case j.clock_start when 'decided_on' then j.fact_on else p.published_on end
                + make_interval(months => j.publicity_months)
            )::date,
            case when j.clock_start = 'decided_on' or p.published_on is not null then j.restricted_until end
        ) as publish_until
    from judged as j
    left join {{ ref('int_publications_as_of_day') }} as p on j.record_id = p.record_id
)

select
    t.*,
    case
        when t.verdict in ('FAIL', 'PASS') and t.stops_itself and t.publish_until < t.valid_day then 'ended'
        when t.verdict in ('FAIL', 'PASS') then 'due'
        when t.verdict = 'HELD' then 'held'
        when t.verdict in ('NA_revoked', 'NA_retest_overturned') then 'ended'
        when t.verdict = 'NA_removed' then 'ended'
        else 'none'
    end as standing
from termed as t
