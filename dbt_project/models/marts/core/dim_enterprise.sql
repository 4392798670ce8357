-- Grain: one period of one enterprise's name and status, as known during one interval of days.
-- A table: the register is a dimension, rebuilt whole; the versions it stands on are incremental.
{{ config(indexes=[{'columns': ['uscc']}]) }}
{{ bitemporal_periods(ref('int_enterprises_versioned'), 'uscc') }}

select
    n.uscc,
    n.enterprise_name,
    n.status,
    n.party_kind,
    n.region_code,
    n.established_on,
    n.valid_from,
    m.period_to as valid_to,
    m.slice_from as known_from,
    m.slice_to as known_to,
    n.delivery_id as source_delivery_id,
    n.row_no as source_row_no
from merged as m
inner join numbered as n on m.version_no = n.version_no
where n.valid_from < m.period_to
