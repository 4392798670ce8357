-- Grain: published penalty × verdict rule × day on which new publicity rules began after its decision: the term it has
-- if those rules reach what was public already (domain 11 A1, the other selector).
{{ penalty_terms(ref('int_penalties_reached'), 'k.regime_from', 'p.regime_from') }}
