-- Grain: one delivery that the credit archive has taken in.
select delivery_id
from {{ source('quality', 'archive_delivery_read') }}
