-- Grain: CCC validity-check sample × verdict rule × day, for samples reported by valid_day as known on known_day.
-- A sample conforms when both its consistency with the certificate and its tests do (domain 5.6).
{{ config(materialized='table', indexes=[{'columns': ['source_key', 'rule_id'], 'unique': true}]) }}
select
    'ccc_check' as subject_kind,
    c.source_key,
    r.rule_id,
    d.valid_day,
    d.known_day,
    case
        when rule_version.rule_id is null then 'NA_not_in_force'
        when c.consistency = 'FAIL' or c.test_conclusion = 'FAIL' then 'FAIL'
        when c.consistency = 'PASS' and c.test_conclusion = 'PASS' then 'PASS'
        else 'HELD'
    end as verdict,
    case
        when c.consistency = 'FAIL' and c.test_conclusion = 'FAIL' then 'consistency_and_test'
        when c.consistency = 'FAIL' then 'consistency'
        when c.test_conclusion = 'FAIL' then 'test'
        when c.consistency is null or c.test_conclusion is null then 'conclusion_unknown'
    end as reason,
    c.reported_on as fact_on,
    c.holder_uscc as uscc,
    c.delivery_id as source_delivery_id,
    c.row_no as source_row_no
from {{ ref('int_ccc_checks_versioned') }} as c
inner join {{ ref('int_as_of_day') }} as d
    on c.known_from <= d.known_day and d.known_day < c.known_to and c.reported_on <= d.valid_day
inner join {{ ref('int_rules_as_of_day') }} as r on r.subject_kind = 'ccc_check'
left join {{ in_force('verdict_rule', 'c.reported_on', 'rule_row.rule_id = r.rule_id') }} as rule_version on true
