-- Grain: inspection report × verdict rule × the days it was inspected by (valid_*) × the days on which that was known
-- (known_*). A self-test is no inspection; a later report takes the place of an earlier one of the same device, type
-- and track only (domain 11 A19). A report without a track is on a track of its own; where a device has several
-- (boilers, vessels, ropeways) it takes no other's place and none takes its. Of two reports of the same days the graver
-- one stands.
-- Incremental: the devices touched by new deliveries, judged anew with all their reports; of that what differs is
-- written, for a new report changes little. Everything when a rule row came, went or was closed.
{{ config(
    materialized='incremental',
    unique_key=['device_key', 'source_key', 'rule_id', 'valid_from', 'known_from'],
    incremental_strategy='difference',
    indexes=[
        {'columns': ['source_key', 'rule_id', 'valid_from', 'known_from'], 'unique': true},
        {'columns': ['device_key']},
        {'columns': ['source_delivery_id', 'source_row_no']},
    ],
    pre_hook=[
        "{{ forget_when_rules_changed(inspection_rules_hash()) }}",
        "{{ list_touched('agency_inspections', 'device_key') }}",
    ],
    post_hook=["{{ note_rules(inspection_rules_hash()) }}", "{{ mark_read() }}"],
) }}
with reports as (
    select i.*
    from {{ touched_rows(ref('int_inspections_versioned'), 'device_key') }} as i
    where i.known_from < i.known_to
),

-- On each of these days something about the device, or a rule, became known.
changes as (
    select r.device_key, r.known_from as known_day from reports as r
    union
    select r.device_key, r.known_to as known_day from reports as r
    union
    select f.device_key, d.known_day
    from (select r.device_key, min(r.known_from) as known_from from reports as r group by r.device_key) as f
    inner join {{ inspection_rule_days() }} as d on f.known_from < d.known_day
),

slices as (
    {{ knowledge_slices('device_key', 'changes') }}
),

ranked as (
    select
        i.*,
        s.slice_from,
        s.slice_to,
        meaning.verdict,
        meaning.reason,
        lag(i.inspected_on) over (
            partition by
                i.device_key,
                s.slice_from,
                i.inspection_type,
                i.track,
                case when i.track is null and left(i.device_code, 1) in ('1', '2', '9') then i.source_key end
            order by
                i.inspected_on desc,
                i.reported_on desc nulls last,
                case meaning.verdict when 'FAIL' then 1 when 'PASS' then 3 else 2 end asc,
                case i.conclusion when 'SCRAP' then 1 else 2 end asc,
                i.known_from desc,
                i.source_key asc
        ) as superseded_on
    from reports as i
    inner join slices as s on i.device_key = s.device_key and i.known_from <= s.slice_from and s.slice_from < i.known_to
    left join
        {{ in_force(
            'inspection_conclusion', 'i.inspected_on', 'rule_row.conclusion = i.conclusion', known_day='s.slice_from'
        ) }} as meaning on true
),

answers as (
    select
        i.source_key, i.device_key, i.inspected_on as fact_on, i.user_unit_uscc as uscc,
        i.delivery_id as source_delivery_id, i.row_no as source_row_no,
        daterange(i.slice_from, i.slice_to) as known_days,
        r.rule_id, part.valid_from, part.valid_to, part.is_superseded,
        case
            when rule_version.rule_id is null then 'NA_not_in_force'
            when i.inspection_type = 'SELF_TEST' then 'NA_self_test'
            when i.device_code is null then 'HELD'
            when part.is_superseded then 'NA_superseded'
            else coalesce(i.verdict, 'HELD')
        end as verdict,
        case
            when i.device_code is null then 'device_unknown'
            when i.verdict is null then 'conclusion_unknown'
            else i.reason
        end as reason
    from ranked as i
    cross join
        lateral (
            values
            (i.inspected_on, coalesce(i.superseded_on, 'infinity'), false),
            (i.superseded_on, 'infinity', true)
        ) as part (valid_from, valid_to, is_superseded)
    cross join
        lateral (
            select distinct v.rule_id
            from {{ ref('verdict_rule') }} as v
            where
                v.subject_kind = 'inspection'
                and v.status <> 'draft'
                and v.known_from <= i.slice_from and i.slice_from < v.known_to
        ) as r
    left join
        {{ in_force(
            'verdict_rule', 'i.inspected_on', 'rule_row.rule_id = r.rule_id', known_day='i.slice_from'
        ) }} as rule_version on true
    where part.valid_from < part.valid_to
)

select
    a.source_key, a.device_key, a.rule_id, a.valid_from, a.valid_to,
    lower(unnest(range_agg(a.known_days))) as known_from,
    upper(unnest(range_agg(a.known_days))) as known_to,
    a.verdict, a.reason, a.is_superseded, a.fact_on, a.uscc, a.source_delivery_id, a.source_row_no
from answers as a
group by
    a.source_key, a.device_key, a.rule_id, a.valid_from, a.valid_to, a.verdict, a.reason, a.is_superseded,
    a.fact_on, a.uscc, a.source_delivery_id, a.source_row_no
