-- Grain: one verdict rule of which any version was known on known_day. Subjects × these rules are the pairs to judge.
select
    r.rule_id,
    min(r.subject_kind) as subject_kind
from {{ ref('verdict_rule') }} as r
cross join {{ ref('int_as_of_day') }} as d
where
    r.known_from <= d.known_day
    and d.known_day < r.known_to
    and r.status <> 'draft'
group by r.rule_id
