-- Grain: one delivery × one model that has taken it in.
select
    read_by,
    delivery_id
from {{ source('quality', 'delivery_read') }}
