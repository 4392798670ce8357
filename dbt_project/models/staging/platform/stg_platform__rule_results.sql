-- Grain: one rule on one delivery.
select
    delivery_id,
    rule_id,
    source,
    severity,
    action,
    reason,
    failed_rows
from {{ source('quality', 'result') }}
