-- Grain: disclosable fact × verdict rule × day: the verdicts of all record types in one shape.
select j.* from {{ ref('int_penalties_judged') }} as j
