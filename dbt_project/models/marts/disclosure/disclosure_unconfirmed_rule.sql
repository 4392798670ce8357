-- Grain: one rule row that nobody has compared with the text of the law (confidence other than verified and design, or
-- no checker) and that decides what is public, due or held today: on the list until somebody confirms it.
-- Where a verdict names the row, the records are counted that rest on it; every other row is listed without counts
-- while it is in force and a record of its kind is due or held.
-- Confirming is a new row of the rule with its checker, not an edit.
with live as (
    select
        o.rule_id,
        o.regime_id,
        o.hold_reason,
        o.channel,
        o.record_type,
        o.scheme,
        o.standing
    from {{ ref('int_obligations_judged') }} as o
    where o.standing in ('due', 'held')
),

used as (
    select 'dispatch' as seed, l.rule_id as rule, l.channel, l.record_type, l.standing from live as l
    union all
    select 'verdict_rule' as seed, l.rule_id as rule, null as channel, null as record_type, l.standing from live as l
    union all
    select 'publicity_regime' as seed, l.regime_id as rule, l.channel, l.record_type, l.standing from live as l
    union all
    select 'hold_reason' as seed, l.hold_reason as rule, null as channel, null as record_type, l.standing
    from live as l
    where l.standing = 'held'
),

counted as (
    select
        u.seed,
        u.rule,
        u.channel,
        u.record_type,
        count(*) filter (where u.standing = 'due') as due_records,
        count(*) filter (where u.standing = 'held') as held_records
    from used as u
    group by u.seed, u.rule, u.channel, u.record_type
),

kinds as (
    select distinct l.channel, l.record_type, l.scheme from live as l
)

select
    r.seed,
    r.rule_id,
    r.channel,
    r.record_type,
    r.covers,
    r.valid_from,
    r.known_from,
    r.legal_basis,
    r.confidence,
    r.checked_by,
    r.source_note,
    c.due_records::bigint as due_records,
    c.held_records::bigint as held_records
from {{ ref('int_rule_rows') }} as r
cross join {{ ref('int_as_of_day') }} as d
left join counted as c
    on
        r.seed = c.seed
        and r.rule = c.rule
        and r.channel is not distinct from c.channel
        and r.record_type is not distinct from c.record_type
where
    not r.is_confirmed
    and (
        c.rule is not null
        or (
            r.seed not in ('dispatch', 'verdict_rule', 'publicity_regime', 'hold_reason')
            and r.valid_from <= d.valid_day and d.valid_day < r.valid_to
            and exists (
                select 1
                from kinds as k
                where
                    coalesce(r.channel, k.channel) = k.channel
                    and coalesce(r.record_type, k.record_type) = k.record_type
                    and (r.scheme is null or r.scheme = k.scheme)
                    and (
                        r.seed <> 'penalty_kind_class'
                        or k.record_type in ('administrative_penalty', 'other_dept_penalty')
                    )
            )
        )
    )
