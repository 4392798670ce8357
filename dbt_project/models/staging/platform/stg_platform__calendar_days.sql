-- Grain: one day of the official calendar (国务院办公厅节假日安排).
select
    calendar_date as date_day,
    is_working_day,
    is_provisional
from {{ source('control', 'calendar_day') }}
