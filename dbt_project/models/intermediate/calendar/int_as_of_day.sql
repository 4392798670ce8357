-- Grain: one row. The pair of days for which every verdict is given: true on valid_day, as far as known on known_day.
select
    business_day as valid_day,
    known_day
from {{ ref('stg_platform__business_day') }}
