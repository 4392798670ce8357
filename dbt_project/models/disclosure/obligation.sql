-- Grain: one obligation to publish, with where it stands this moment. A live view.
select
    o.record_id,
    o.channel,
    o.state,
    o.due_on,
    o.due_is_provisional,
    o.published_on,
    o.publish_until,
    o.regime_id,
    o.held_reason,
    o.held_since,
    o.look_again_on
from {{ ref('int_obligations_now') }} as o
