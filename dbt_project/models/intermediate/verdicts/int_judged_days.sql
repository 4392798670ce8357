-- Grain: pair of days (valid_day, known_day) that was judged. Each build adds its own; none is ever taken away.
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
