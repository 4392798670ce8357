-- Grain: one decision or check by an authority as it is known now, with the columns of int_archive_facts.
select
    'penalty' as fact_kind,
    p.source_key,
    p.decided_on as event_on,
    'penalty' as indicator,
    concat(
        '行政处罚：',
        (
            select string_agg(distinct coalesce(k.penalty_kind, '其他'), '、')
            from unnest(string_to_array(p.penalty_kinds, '；')) as written (kind)
            left join {{ ref('penalty_kind') }} as k on written.kind = k.penalty_kind
        ),
        '，罚款' || p.fine_amount::numeric(18, 2) || '元'
    ) as event_text,
    null as state,
    p.fine_amount::numeric(18, 2) as amount,
    null as product_code,
    null::date as closed_on,
    null::date as annulled_on,
    p.known_from,
    p.delivery_id,
    p.row_no
from {{ ref('int_penalties_versioned') }} as p
where p.known_to = 'infinity'
union all
select
    'other_dept_penalty' as fact_kind,
    o.source_key,
    o.pendecissdate as event_on,
    'other_dept_penalty' as indicator,
    concat('其他部门行政处罚', '，罚款' || o.penam::numeric(18, 2) || '元') as event_text,
    null as state,
    o.penam::numeric(18, 2) as amount,
    null as product_code,
    null as closed_on,
    o.revoked_on as annulled_on,
    o.known_from,
    o.delivery_id,
    o.row_no
from {{ ref('int_other_dept_penalties_versioned') }} as o
where o.known_to = 'infinity'
union all
select
    'serious_listing' as fact_kind,
    l.source_key,
    l.listed_on as event_on,
    'serious_listing' as indicator,
    case l.stage when 'REMOVED' then '列入严重违法失信名单，已移出' else '列入严重违法失信名单' end as event_text,
    l.stage as state,
    null as amount,
    null as product_code,
    l.removed_on as closed_on,
    case when l.removal_reason = '撤销列入' then l.removed_on end as annulled_on,
    l.known_from,
    l.delivery_id,
    l.row_no
from {{ ref('int_serious_listings_versioned') }} as l
where l.known_to = 'infinity' and l.stage <> 'CANDIDATE'
union all
select
    'supervision_check' as fact_kind,
    k.source_key,
    k.checked_on as event_on,
    case when k.conclusion in ('FAIL', 'CORRECTED') then 'failed_supervision_check' end as indicator,
    concat(
        case k.programme
            when 'RANDOM' then '双随机' when 'ROUTINE' then '日常' when 'AGENCY_SAMPLING' then '检验机构'
        end,
        '监督检查：',
        case k.conclusion
            when 'PASS' then '未发现问题' when 'FAIL' then '发现问题' when 'CORRECTED' then '发现问题，已整改'
            when 'REFUSED' then '不配合检查' when 'UNREACHABLE' then '通过登记的住所无法联系'
        end
    ) as event_text,
    k.conclusion as state,
    null as amount,
    null as product_code,
    coalesce(k.corrected_on, case when k.conclusion = 'CORRECTED' then k.checked_on end) as closed_on,
    null as annulled_on,
    k.known_from,
    k.delivery_id,
    k.row_no
from {{ ref('int_supervision_checks_versioned') }} as k
where k.known_to = 'infinity'
