-- What became of every received row, over all sources: exactly one line per row of each decided delivery.
-- Rows of a delivery that was blocked, or whose bytes were known, exist only as their number.
create or replace view landing.row_outcome as
select
    d.delivery_id,
    n.row_no,
    case
        when d.status in ('blocked', 'duplicate') then d.status
        when q.delivery_id is not null then 'quarantined'
        when s.delivery_id is not null then 'duplicate'
        else 'accepted'
    end as outcome,
    coalesce(q.rule_ids, '{}') as rule_ids,
    coalesce(s.same_as_delivery_id, d.same_as_delivery_id) as same_as_delivery_id,
    coalesce(s.same_as_row_no, case when d.same_as_delivery_id is not null then n.row_no end) as same_as_row_no,
    q.resolved_by_delivery_id
from landing.delivery as d
cross join lateral generate_series(1, d.received_rows) as n (row_no)
left join quality.quarantine as q on d.status = 'loaded' and q.delivery_id = d.delivery_id and q.row_no = n.row_no
left join landing.duplicate as s on d.status = 'loaded' and s.delivery_id = d.delivery_id and s.row_no = n.row_no
where d.status in ('loaded', 'blocked', 'duplicate');
comment on view landing.row_outcome is
    'One line per received row: accepted, quarantined (rule_ids, resolved_by_delivery_id), duplicate (same_as_…) or blocked';
grant select on landing.row_outcome to owner, loader, transformer, publisher;
