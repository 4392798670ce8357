-- Grain: published penalty, ours or another department's × verdict rule × day on which new publicity rules began after
-- its decision. No threshold of 较低数额罚款 is known for other departments, so their fines are never low.
with penalties as (
    select
        p.source_key,
        p.rule_id,
        p.channel,
        p.record_type,
        p.valid_day,
        p.decided_on,
        p.authority_uscc,
        p.party_kind,
        p.fine_amount,
        p.kinds,
        p.restriction_until,
        p.is_dispatched,
        p.rule_changed_on
    from {{ ref('int_penalties_ruled') }} as p
    union all
    select
        o.source_key,
        o.rule_id,
        o.channel,
        o.record_type,
        o.valid_day,
        o.pendecissdate as decided_on,
        null as authority_uscc,
        null as party_kind,
        null as fine_amount,
        k.kinds,
        null as restriction_until,
        o.is_dispatched,
        o.rule_changed_on
    from {{ ref('int_other_dept_penalties_ruled') }} as o
    cross join lateral (
        select jsonb_agg(kind.penalty_kind) as kinds
        from regexp_split_to_table(o.pentype, ';') as given (pentype)
        left join {{ ref('pentype') }} as kind on given.pentype = kind.pentype
    ) as k
)

select
    p.*,
    c.regime_from
from penalties as p
inner join {{ ref('int_regime_changes') }} as c
    on p.channel = c.channel and p.record_type = c.record_type and p.decided_on < c.regime_from
inner join {{ ref('int_publications_as_of_day') }} as n
    on disclosure.record_id(p.channel, p.record_type, p.source_key) = n.record_id
