-- Grain: pair of days (valid_day, known_day) that was judged. Each build adds its own, last: by it the answers of a
-- pair come to be seen together. None is ever taken away.
-- depends_on: {{ ref('int_daily_verdicts') }}, {{ ref('int_inspections_judged') }}
{{ config(
    materialized='incremental',
    unique_key=['valid_day', 'known_day'],
    incremental_strategy='delete+insert',
    full_refresh=false,
    indexes=[{'columns': ['valid_day', 'known_day'], 'unique': true}],
) }}
select
    d.valid_day,
    d.known_day
from {{ ref('int_as_of_day') }} as d
