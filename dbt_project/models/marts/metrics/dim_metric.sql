-- Grain: one metric of metric_daily, with its labels and what it counts.
{{ config(indexes=[{'columns': ['metric'], 'unique': true}]) }}
select
    metric,
    name_zh,
    name_en,
    measure_type,
    unit,
    period_type,
    region_role,
    numerator,
    denominator,
    source,
    basis
from {{ ref('metric') }}
