-- Grain: disclosable fact × verdict rule × day, with what follows from its verdict: due, held, ended (was due once) or
-- none. Ended by a fact (the decision fell), by a granted stop, or by its term: STOP comes the day after the last
-- visible day, which no holiday moves (A2). Where the regime says so a check result stops with the penalty it led to.
-- What is public and no rule covers any more ends as rule_repealed, unless the fact itself ends it or a stay or an
-- objection hides it (hold_reason.when_public): neither waits for the review of the new rules.
{{ config(materialized='table', indexes=[{'columns': ['record_id']}]) }}
with stopped as (
    select
        o.*,
        case
            when c.has_fallen then o.ended_as
            when not c.is_wanted then null
            when c.is_granted then r.event_type
            when c.is_over and o.stops_itself then 'term_ended'
            when o.rule_repealed_on is not null
                then case o.when_public
                    when 'WITHDRAW' then 'objection_accepted'
                    when 'SUSPEND' then 'stay_ordered'
                    else 'rule_repealed'
                end
        end as ended_by,
        case
            when c.has_fallen then o.ended_on
            when not c.is_wanted then null
            when c.is_granted then r.event_on
            when c.is_over and o.stops_itself then o.publish_until + 1
            when o.when_public in ('WITHDRAW', 'SUSPEND') then coalesce(o.held_since, o.rule_repealed_on)
            else o.rule_repealed_on
        end as ended_since,
        case
            when not c.is_wanted then null
            when r.refused_as is not null then r.refused_as
            when c.is_over and not o.stops_itself then 'duties_not_performed'
        end as attention
    from {{ ref('int_obligations_termed') }} as o
    left join {{ ref('int_repairs_judged') }} as r on o.record_id = r.record_id
    cross join lateral (
        select
            o.ended_as is not null and (o.verdict = 'NA_' || o.ended_as or o.rule_repealed_on is not null)
                as has_fallen,
            o.verdict in ('FAIL', 'PASS', 'HELD') or o.rule_repealed_on is not null as is_wanted,
            r.event_on is not null and r.refused_as is null as is_granted,
            coalesce(o.publish_until < o.valid_day, false) as is_over
    ) as c
),

stopped_penalties as (
    select
        p.channel,
        p.uscc,
        p.related_check_no,
        max(p.ended_since) as ended_since,
        bool_and(coalesce(p.ended_by in ('term_ended', 'repair_granted', 'early_stop_granted'), false)) as all_ended
    from stopped as p
    where
        p.subject_kind = 'penalty'
        and p.stops_related
        and p.related_check_no is not null
        and p.verdict in ('FAIL', 'HELD')
    group by p.channel, p.uscc, p.related_check_no
),

related as (
    select
        s.*,
        case
            when s.ended_by is null and s.verdict in ('FAIL', 'HELD') and p.all_ended then 'related_repair' else
                s.ended_by
        end
            as reason_code,
        case
            when s.ended_by is null and s.verdict in ('FAIL', 'HELD') and p.all_ended then p.ended_since else
                s.ended_since
        end
            as reason_on
    from stopped as s
    left join stopped_penalties as p
        on
            s.subject_kind <> 'penalty'
            and s.channel = p.channel
            and s.uscc = p.uscc
            and s.related_check_no = p.related_check_no
)

select
    r.*,
    case
        when r.reason_code is not null then 'ended'
        when r.verdict in ('FAIL', 'PASS') then 'due'
        when r.verdict = 'HELD' then 'held'
        else 'none'
    end as standing
from related as r
