-- Grain: penalty × verdict rule that has a term of publicity. A decision with several kinds of penalty takes the
-- longest term of its kinds (A1); one kind without a class leaves the decision without a term, and so held. The
-- regime's own selector says which day picks it; the day of the decision picks the threshold of a low fine.
{{ penalty_terms(
    ref('int_penalties_ruled'), "case rule_row.selector when 'business_date' then k.valid_day else k.decided_on end"
) }}
