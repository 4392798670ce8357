-- Grain: one party of one fact, as known during one interval of days: which enterprise it is, how that was found and as
-- of which period of the register, or why nobody can say. For analysis; publication asks for the code and nothing else.
-- Incremental: the facts of new deliveries, those that new deliveries of the register may touch (by code, name, core
-- of the name, head of a branch), and those decided on. The same transaction notes what was read of the register.
{{ config(
    materialized='incremental',
    unique_key=['fact_kind', 'source_key'],
    incremental_strategy='delete+insert',
    meta={'region_columns': ['region_code']},
    pre_hook="{{ list_unread(['registry_enterprises']) }}",
    post_hook="{{ mark_read() }}",
    indexes=[
        {'columns': ['source_key', 'fact_kind', 'role', 'known_from'], 'unique': true},
        {'columns': ['source_delivery_id']},
        {'columns': ['resolved_uscc']},
        {'columns': ['status', 'known_to']},
    ],
) }}
{%- set every_fact -%}
    select distinct fact_kind, source_key from {{ ref('int_subject_parties') }}
{%- endset %}
{%- set some_facts = facts_to_resolve() %}
with touched as (
    {{ some_facts if is_incremental() else every_fact }}
),

parties as (
    select p.*
    from {{ ref('int_subject_parties') }} as p
    inner join touched as t on p.fact_kind = t.fact_kind and p.source_key = t.source_key
    where p.known_from < p.known_to
),

{{ subject_findings('parties') }}

select
    p.fact_kind,
    p.source_key,
    p.role,
    p.party_name,
    p.uscc as party_uscc,
    p.region_code,
    p.fact_on,
    case o.outcome when 'match' then p.found_uscc when 'decided' then m.uscc end as resolved_uscc,
    case
        when o.outcome = 'decided' then 'decided'
        when o.outcome <> 'match' then null
        when p.found_reason = 'code_and_name' then 'uscc'
        when p.head_name is not null then 'branch'
        when p.name_borne_to < 'infinity' then 'former_name'
        else 'name_in_region'
    end as method,
    case
        when o.outcome = 'match' or m.uscc is not null then 'resolved'
        when o.outcome = 'natural_person' then 'unregistered'
        when o.outcome = 'decided' or p.found_reason is null then 'unresolved'
        else 'held'
    end as status,
    nullif(o.outcome, 'match') as reason,
    case when o.outcome = 'match' then p.valid_from end as register_valid_from,
    case when o.outcome = 'match' then p.valid_to end as register_valid_to,
    case when o.outcome not in ('match', 'decided') then p.candidates end as candidates,
    m.decision_id,
    array(
        select a.decision_id
        from {{ ref('stg_platform__subject_decisions') }} as a
        where a.fact_kind = p.fact_kind and a.source_key = p.source_key and a.role = p.role
        order by a.decision_id
    ) as decision_ids,
    p.slice_from as known_from,
    p.slice_to as known_to,
    p.source_delivery_id,
    p.source_row_no
from found as p
left join lateral (
    select a.*
    from {{ ref('stg_platform__subject_decisions') }} as a
    where
        a.fact_kind = p.fact_kind
        and a.source_key = p.source_key
        and a.role = p.role
        and a.comparable_name = p.comparable_name
        and a.known_from <= p.slice_from
    order by a.known_from desc, a.decision_id desc
    limit 1
) as m on true
cross join
    lateral (
        select
            case
                when m.decision_id is not null then 'decided'
                when p.is_natural_person then 'natural_person'
                when p.matches = 1 then 'match'
                when p.matches > 1 then 'several'
                when p.found_reason is not null then p.found_reason
                when p.uscc is not null then 'code_unknown'
                else 'no_candidate'
            end as outcome
    ) as o
