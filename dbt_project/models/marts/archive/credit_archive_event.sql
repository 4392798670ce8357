-- Grain: one party of one fact as known now (of a certificate: one period of its status), and one event that happened
-- to the fact since. What nobody could resolve to the register stays here without a uscc, so that nothing is lost.
-- Incremental: the facts of new deliveries, those whose party the register or a decision may change, those something
-- happened to, and the reports of devices inspected again. The same transaction notes what was taken in.
{{ config(
    materialized='incremental',
    unique_key=['fact_kind', 'source_key'],
    incremental_strategy='delete+insert',
    pre_hook="{{ list_unread(versions_of()) }}",
    post_hook="{{ mark_read() }}",
    indexes=[
        {'columns': ['source_key', 'fact_kind', 'role']},
        {'columns': ['uscc', 'event_on']},
        {'columns': ['source_delivery_id', 'source_row_no']},
    ],
) }}
{%- set every_fact -%}
    select distinct fact_kind, source_key from {{ ref('int_subject_parties') }}
{%- endset %}
{%- set some_facts = facts_to_archive() %}
{%- set look_up = 'offset 0' if is_incremental() %}{# else the planner reads every fact for the sake of a few #}
with touched as materialized (
    {{ some_facts if is_incremental() else every_fact }}
),

parties as (
    select
        r.*,
        cardinality(r.decision_ids) as decisions,
        r.source_key || case when r.role in ('producer', 'seller') then '|' || r.role else '' end as party_key,
        case when r.resolved_uscc is null then r.region_code else {{ region_of_code('r.resolved_uscc') }} end
            as archive_region_code
    from touched as t
    cross join
        lateral (
            select s.* from {{ ref('subject_resolution') }} as s
            where (s.fact_kind, s.source_key, s.known_to) = (t.fact_kind, t.source_key, 'infinity')
            {{ look_up }}
        ) as r
    where r.role <> 'agency'
),

events as (
    select p.fact_kind, p.source_key, p.role, e.event_type, e.event_on, e.known_from, e.delivery_id, e.row_no
    from parties as p
    inner join {{ ref('int_case_events_versioned') }} as e on e.event_source_key in (p.source_key, p.party_key)
    where
        e.known_to = 'infinity'
        and e.event_type in (
            'recheck_passed', 'retest_confirmed', 'retest_overturned', 'decision_changed', 'decision_revoked',
            'decision_unlawful', 'decision_void', 'entry_error', 'wrong_subject', 'repair_granted', 'early_stop_granted'
        )
),

happened as (
    select
        e.fact_kind,
        e.source_key,
        e.role,
        min(e.event_on) filter (where e.event_type = 'recheck_passed') as rechecked_on,
        min(e.event_on) filter (
            where e.event_type in ('retest_overturned', 'decision_revoked', 'decision_unlawful', 'decision_void')
        ) as annulled_on,
        max(e.event_on) filter (where e.event_type in ('wrong_subject', 'entry_error')) as found_wrong_on,
        max(e.known_from) filter (where e.event_type in ('wrong_subject', 'entry_error')) as found_wrong_known_on,
        min(e.event_on) filter (where e.event_type = 'repair_granted') as repaired_on
    from events as e
    group by e.fact_kind, e.source_key, e.role
)

select
    p.resolved_uscc as uscc,
    p.status as subject_status,
    p.fact_kind,
    p.source_key,
    p.role,
    p.fact_kind as event_kind,
    f.event_on,
    f.event_text,
    f.state,
    f.indicator,
    f.amount::numeric(18, 2) as amount,
    f.product_code,
    least(f.closed_on, h.rechecked_on) as closed_on,
    coalesce(
        f.annulled_on,
        h.annulled_on,
        case when {{ is_found_wrong('h', 'f', ref('int_subject_parties')) }} then h.found_wrong_on end
    ) as annulled_on,
    h.repaired_on,
    p.archive_region_code as region_code,
    p.decisions,
    f.known_from,
    f.delivery_id as source_delivery_id,
    f.row_no as source_row_no
from parties as p
cross join
    lateral (
        select a.* from {{ ref('int_archive_facts') }} as a
        where a.fact_kind = p.fact_kind and a.source_key = p.source_key
        {{ look_up }}
    ) as f
left join happened as h on p.fact_kind = h.fact_kind and p.source_key = h.source_key and p.role = h.role
union all
select
    p.resolved_uscc as uscc,
    p.status as subject_status,
    p.fact_kind,
    p.source_key,
    p.role,
    e.event_type as event_kind,
    e.event_on,
    t.title as event_text,
    null as state,
    null as indicator,
    null::numeric(18, 2) as amount,
    null as product_code,
    null as closed_on,
    null as annulled_on,
    null as repaired_on,
    p.archive_region_code as region_code,
    p.decisions,
    e.known_from,
    e.delivery_id as source_delivery_id,
    e.row_no as source_row_no
from parties as p
inner join events as e on p.fact_kind = e.fact_kind and p.source_key = e.source_key and p.role = e.role
inner join {{ ref('event_type') }} as t on e.event_type = t.event_type
