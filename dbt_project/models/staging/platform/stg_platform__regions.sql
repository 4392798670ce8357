-- Grain: one name of a GB/T 2260 code in the years in which it was in force.
select
    region_code,
    region_name,
    first_year,
    last_year
from {{ source('control', 'region') }}
