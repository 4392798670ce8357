-- Grain: one delivery of the register whose names the resolution of subjects has taken in.
select delivery_id
from {{ source('quality', 'subject_register_read') }}
