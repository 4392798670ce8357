-- Grain: disclosable fact × verdict rule × day: the verdicts of all record types in one shape, with the first day of
-- publication and the last visible day (publish_until), where either is known.
-- rule_repealed_on: what is in the ledger already and no rule covers any more, because the rules changed: they became
-- known after its newest content, or the fact is the very row that was published. Of a fact that itself changed so that
-- no rule covers it, it is null.
{% set columns = [
    'subject_kind', 'source_key', 'rule_id', 'valid_day', 'known_day', 'verdict', 'rule_changed_on', 'hold_reason', 'stops_clock',
    'when_public', 'hold_owner', 'held_since', 'look_again_on', 'channel', 'record_type', 'record_id', 'fact_on', 'regime_picked_on', 'subject_key', 'uscc',
    'place_region_code', 'registration_region_code', 'authority_region_code',
    'subject_name', 'subject_status', 'handling_office', 'due_on', 'regime_id', 'scheme', 'regime_selector', 'regime_valid_from',
    'clock_start', 'min_months', 'publicity_months', 'stops_itself', 'stops_related', 'restricted_until', 'is_severe', 'review_required',
    'document_sha256', 'ended_as', 'ended_on', 'repair_granted_on', 'early_stop_granted_on', 'duties_performed_on',
    'violation_words', 'related_check_no', 'source_delivery_id', 'source_row_no',
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

-- A record that took the place of a withdrawn one (A14) goes on under its own name.
named as (
    select
    {% for column in columns -%}
            {{ 'coalesce(s.current_record_id, j.record_id) as record_id' if column == 'record_id' else 'j.' ~ column }}
            {{- ',' if not loop.last }}
    {% endfor %}
    from judged as j
    left join {{ ref('int_successors_as_of_day') }} as s on j.record_id = s.record_id
)

select
    n.*,
    p.published_on,
    case n.clock_start when 'decided_on' then n.fact_on else p.published_on end as term_from,
    greatest(
        (
            case n.clock_start when 'decided_on' then n.fact_on else p.published_on end
            + make_interval(months => n.publicity_months)
        )::date,
        case when n.clock_start = 'decided_on' or p.published_on is not null then n.restricted_until end
    ) as publish_until,
    case
        when
            n.rule_changed_on > c.content_on
            or (n.source_delivery_id, n.source_row_no) = (c.source_delivery_id, c.source_row_no)
            then n.rule_changed_on
    end as rule_repealed_on
from named as n
left join {{ ref('int_publications_as_of_day') }} as p on n.record_id = p.record_id
left join {{ ref('int_contents_as_of_day') }} as c on n.record_id = c.record_id
