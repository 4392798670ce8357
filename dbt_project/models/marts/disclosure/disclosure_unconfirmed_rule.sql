-- Grain: one rule row that nobody has compared with the text of the law (confidence other than verified and design, or
-- no checker) and that decides what is public, due or held today: on the list until somebody confirms it.
-- Confirming is a new row of the rule with its checker, not an edit.
with used as (
    select 'dispatch' as seed, o.rule_id as rule, o.channel, o.record_type, o.standing
    from {{ ref('int_obligations_judged') }} as o
    where o.standing in ('due', 'held')
    union all
    select 'publicity_regime' as seed, o.regime_id as rule, o.channel, o.record_type, o.standing
    from {{ ref('int_obligations_judged') }} as o
    where o.standing in ('due', 'held') and o.regime_id is not null
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

known_rules as (
    select
        'dispatch' as seed,
        r.rule_id as rule,
        r.rule_id,
        r.channel,
        r.record_type,
        concat_ws(' ', r.fact, nullif(r.party_place, 'any')) as covers,
        r.legal_basis,
        r.valid_from,
        r.known_from,
        r.confidence,
        r.checked_by,
        r.source_note
    from {{ ref('dispatch') }} as r
    cross join {{ ref('int_as_of_day') }} as d
    where r.enabled and r.status = 'in_force' and r.known_from <= d.known_day and d.known_day < r.known_to
    union all
    select
        'publicity_regime' as seed,
        r.regime_id as rule,
        r.rule_id,
        r.channel,
        r.record_type,
        r.class as covers,
        r.legal_basis,
        r.valid_from,
        r.known_from,
        r.confidence,
        r.checked_by,
        r.source_note
    from {{ ref('publicity_regime') }} as r
    cross join {{ ref('int_as_of_day') }} as d
    where r.status = 'in_force' and r.known_from <= d.known_day and d.known_day < r.known_to
),

-- a later row of the same rule, covering the same from the same day, is what confirms an earlier one
rules as (
    select distinct on (k.seed, k.rule_id, k.channel, k.record_type, k.covers, k.valid_from)
        k.*
    from known_rules as k
    order by
        k.seed asc,
        k.rule_id asc,
        k.channel asc,
        k.record_type asc,
        k.covers asc,
        k.valid_from asc,
        k.known_from desc
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
from rules as r
inner join counted as c
    on r.seed = c.seed and r.rule = c.rule and r.channel = c.channel and r.record_type = c.record_type
where r.confidence not in ('verified', 'design') or r.checked_by is null
