-- Grain: published penalty × verdict rule × day on which new publicity rules began after its decision.
select
    p.*,
    c.regime_from
from {{ ref('int_penalties_ruled') }} as p
inner join {{ ref('int_regime_changes') }} as c
    on p.channel = c.channel and p.record_type = c.record_type and p.decided_on < c.regime_from
inner join {{ ref('int_publications_as_of_day') }} as n
    on disclosure.record_id(p.channel, p.record_type, p.source_key) = n.record_id
