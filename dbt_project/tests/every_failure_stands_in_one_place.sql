-- A disclosable fact stands in exactly one place: FAIL is due, HELD is held, or either is stopped (its publicity is
-- over); a fact that fell away (NA_<reason of a withdrawal>) is ended by that reason, every other NA is nowhere, unless
-- it was published and the rules changed: then it is ended.
with places as (
    select record_id, 'due' as place from {{ ref('disclosure_due') }}
    union all
    select record_id, 'held' as place from {{ ref('disclosure_held') }}
    union all
    select record_id, op || ':' || reason_code as place from {{ ref('disclosure_ended') }}
),

found as (
    select
        v.subject_key,
        v.rule_id,
        v.verdict,
        bool_or(r.rule_repealed_on is not null) as was_covered,
        coalesce(string_agg(p.place, ', ' order by p.place), 'none') as place
    from {{ ref('fct_verdict') }} as v
    inner join {{ ref('int_as_of_day') }} as d on v.valid_day = d.valid_day and v.known_day = d.known_day
    left join places as p on v.record_id = p.record_id
    left join {{ ref('int_obligations_judged') }} as r on v.record_id = r.record_id
    where v.subject_kind not in ('inspection', 'ccc_check')
    group by v.subject_key, v.rule_id, v.verdict
),

endings as (
    select distinct reason_code, op
    from {{ ref('ending_reason') }}
)

select f.*
from found as f
left join endings as w on f.verdict = 'NA_' || w.reason_code
where not case
    when f.verdict in ('FAIL', 'PASS') then f.place = 'due' or f.place ~ '^STOP:[a-z_]+$'
    when f.verdict = 'HELD' then f.place = 'held' or f.place ~ '^STOP:[a-z_]+$'
    when f.was_covered then f.place ~ '^(WITHDRAW|STOP|SUSPEND):[a-z_]+$'
    when w.reason_code is not null then f.place = w.op || ':' || w.reason_code
    else f.place = 'none'
end
