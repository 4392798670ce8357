-- Grain: inspection report × verdict rule × day, for reports inspected by valid_day as known on known_day. A self-test
-- is no inspection; a later report takes the place of an earlier one of the same device, type and track only (domain 11
-- A19). A report without a track is on a track of its own; where a device has several (boilers, vessels, ropeways) it
-- takes no other's place and none takes its. Of two reports of the same days the graver one stands.
{{ config(materialized='table', indexes=[{'columns': ['source_key', 'rule_id'], 'unique': true}]) }}
with reports as (
    select
        i.*,
        d.valid_day,
        d.known_day,
        meaning.verdict,
        meaning.reason,
        row_number() over (
            partition by
                i.device_code,
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
        ) as recency
    from {{ ref('int_inspections_versioned') }} as i
    inner join {{ ref('int_as_of_day') }} as d
        on i.known_from <= d.known_day and d.known_day < i.known_to and i.inspected_on <= d.valid_day
    left join
        {{ in_force(
            'inspection_conclusion', 'i.inspected_on', 'rule_row.conclusion = i.conclusion'
        ) }} as meaning on true
)

select
    'inspection' as subject_kind,
    i.source_key,
    r.rule_id,
    i.valid_day,
    i.known_day,
    case
        when rule_version.rule_id is null then 'NA_not_in_force'
        when i.inspection_type = 'SELF_TEST' then 'NA_self_test'
        when i.device_code is null then 'HELD'
        when i.recency > 1 then 'NA_superseded'
        else coalesce(i.verdict, 'HELD')
    end as verdict,
    case
        when i.device_code is null then 'device_unknown'
        when i.verdict is null then 'conclusion_unknown'
        else i.reason
    end as reason,
    i.inspected_on as fact_on,
    i.user_unit_uscc as uscc,
    i.delivery_id as source_delivery_id,
    i.row_no as source_row_no
from reports as i
inner join {{ ref('int_rules_as_of_day') }} as r on r.subject_kind = 'inspection'
left join {{ in_force('verdict_rule', 'i.inspected_on', 'rule_row.rule_id = r.rule_id') }} as rule_version on true
