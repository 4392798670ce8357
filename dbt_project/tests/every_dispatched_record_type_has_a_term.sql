-- Every enabled dispatch row has a publicity regime for its channel and record type, and a verdict rule.
select d.*
from {{ ref('dispatch') }} as d
where
    d.enabled
    and (
        not exists (
            select 1 from {{ ref('publicity_regime') }} as p
            where p.channel = d.channel and p.record_type = d.record_type
        )
        or not exists (select 1 from {{ ref('verdict_rule') }} as v where v.rule_id = d.rule_id)
    )
