-- Grain: one row of the risk rule (seed archive_risk_rule) in force on the build's day: points that a finding gives, or
-- a class and from how many points on it is given. Replaced in one transaction, so that readers never miss it.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ empty_first() }}",
    indexes=[{'columns': ['rule_id'], 'unique': true}],
) }}
select
    r.rule_id,
    r.indicator,
    r.only_open,
    r.months,
    r.risk_class,
    r.points,
    (d.valid_day - make_interval(months => r.months))::date as counts_after,
    d.valid_day as as_of_day
from {{ ref('int_as_of_day') }} as d
cross join {{ in_force_each('archive_risk_rule', 'd.valid_day', 'true') }} as r
