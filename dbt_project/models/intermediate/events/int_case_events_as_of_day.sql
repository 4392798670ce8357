-- Grain: one case (a fact's own key) with the events that had happened by valid_day and were known on known_day.
-- Of several events of one type the last counts, except service, publicity notice and what ends a publication for
-- good: the first. An order and what lifts it on the same day leave nothing open. ended_as is the first of all that end
-- a publication; annulled_as leaves out a change, after which a decision has a new content (int_penalties_as_of_day).
with events as (
    select
        e.event_source_key,
        e.event_type,
        e.event_on,
        e.known_from,
        e.event_type in (
            'decision_changed', 'decision_revoked', 'decision_unlawful', 'decision_void', 'court_ruling'
        ) as is_ending
    from {{ ref('int_case_events_versioned') }} as e
    cross join {{ ref('int_as_of_day') }} as d
    where
        e.known_from <= d.known_day
        and d.known_day < e.known_to
        and e.event_on <= d.valid_day
),

cases as (
    select
        e.event_source_key,
        min(e.event_on) filter (where e.event_type = 'service') as served_on,
        min(e.event_on) filter (where e.event_type = 'publicity_notice_served') as notice_served_on,
        (array_agg(e.event_type order by e.event_on, e.event_type) filter (where e.is_ending))[1] as ended_as,
        min(e.event_on) filter (where e.is_ending) as ended_on,
        (
            array_agg(e.event_type order by e.event_on, e.event_type)
            filter (where e.is_ending and e.event_type <> 'decision_changed')
        )[1] as annulled_as,
        min(e.event_on) filter (where e.is_ending and e.event_type <> 'decision_changed') as annulled_on,
        max(e.event_on) filter (where e.event_type = 'decision_changed') as changed_on,
        max(e.event_on) filter (where e.event_type in ('wrong_subject', 'entry_error')) as found_wrong_on,
        max(e.known_from) filter (where e.event_type in ('wrong_subject', 'entry_error')) as found_wrong_known_on,
        (
            array_agg(e.event_type order by e.known_from desc, e.event_type desc)
            filter (where e.event_type in ('wrong_subject', 'entry_error'))
        )[1
        ] as found_wrong_as,
        max(e.event_on) filter (where e.event_type = 'objection_withdrawn') as objection_withdrawn_on,
        max(e.event_on) filter (where e.event_type = 'objection_rejected') as objection_rejected_on,
        max(e.event_on) filter (where e.event_type = 'retest_confirmed') as retest_confirmed_on,
        max(e.event_on) filter (where e.event_type = 'retest_overturned') as retest_overturned_on,
        max(e.event_on) filter (where e.event_type = 'recheck_passed') as recheck_passed_on,
        max(e.event_on) filter (where e.event_type = 'repair_granted') as repair_granted_on,
        max(e.event_on) filter (where e.event_type = 'early_stop_granted') as early_stop_granted_on,
        {% for opened, closed in [
            ('stay_ordered', 'stay_lifted'),
            ('secrecy_review_opened', 'secrecy_review_passed'),
            ('producer_denied', 'producer_confirmed'),
        ] -%}
        max(e.event_on) filter (where e.event_type = '{{ opened }}') as {{ opened }}_on,
        max(e.event_on) filter (where e.event_type = '{{ closed }}') as {{ closed }}_on
        {{- ',' if not loop.last }}
    {% endfor %}
    from events as e
    group by e.event_source_key
)

select
    c.*,
    coalesce(c.stay_ordered_on > c.stay_lifted_on, c.stay_ordered_on is not null) as is_stayed,
    coalesce(c.secrecy_review_opened_on > c.secrecy_review_passed_on, c.secrecy_review_opened_on is not null)
        as secrecy_review_is_open,
    coalesce(c.producer_denied_on > c.producer_confirmed_on, c.producer_denied_on is not null) as producer_denies
from cases as c
