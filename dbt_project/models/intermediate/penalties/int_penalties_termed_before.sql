-- Grain: published penalty × verdict rule × day on which new publicity rules began after its decision: the term it had
-- on the day before, whatever the new rules reach.
{{ penalty_terms(
    ref('int_penalties_reached'),
    "case rule_row.selector when 'business_date' then k.regime_from - 1 else k.decided_on end",
    'p.regime_from'
) }}
