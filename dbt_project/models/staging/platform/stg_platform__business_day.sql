-- Grain: one row, the business day set by `make day`.
select
    only_row,
    business_day,
    known_day
from {{ source('control', 'business_day') }}
