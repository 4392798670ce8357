-- A disclosable fact is exactly one of due, held, ended or NA: FAIL (and a PASS that is shown) is due or (its term
-- over) ended, HELD is held,
-- a revoked decision and an overturned retest are ended, every other NA is in none of the three.
with places as (
    select record_id, 'due' as place from {{ ref('disclosure_due') }}
    union all
    select record_id, 'held' as place from {{ ref('disclosure_held') }}
    union all
    select record_id, 'ended:' || reason_code as place from {{ ref('disclosure_ended') }}
),

found as (
    select
        v.subject_key,
        v.rule_id,
        v.verdict,
        coalesce(string_agg(p.place, ', ' order by p.place), 'none') as place
    from {{ ref('fct_verdict') }} as v
    inner join {{ ref('int_as_of_day') }} as d on v.valid_day = d.valid_day and v.known_day = d.known_day
    left join places as p on v.record_id = p.record_id
    where
        v.subject_kind in (
            'penalty', 'spot_check_party',
            'serious_listing', 'ccc_holder', 'supervision_check', 'other_dept_penalty'
        )
    group by v.subject_key, v.rule_id, v.verdict
)

select f.*
from found as f
where not case
    when f.verdict in ('FAIL', 'PASS') then f.place in ('due', 'ended:term_ended')
    when f.verdict = 'HELD' then f.place = 'held'
    when f.verdict = 'NA_revoked' then f.place = 'ended:decision_revoked'
    when f.verdict = 'NA_removed' then f.place = 'ended:listing_removed'
    when f.verdict = 'NA_retest_overturned' then f.place = 'ended:retest_overturned'
    else f.place = 'none'
end
