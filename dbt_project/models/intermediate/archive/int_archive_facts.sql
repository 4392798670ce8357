-- Grain: one fact as it is known now; of a certificate, one period of its status. Text is made of codes and amounts:
-- no name, no free text of a source. A candidate for the serious list is no fact yet (domain 11 A18) and stays out.
-- A failed inspection is closed on the day of the report that takes its place (int_inspections_judged).
select
    'inspection' as fact_kind,
    i.source_key,
    i.inspected_on as event_on,
    case
        when i.inspection_type <> 'SELF_TEST' and i.conclusion in ('FAIL', 'SCRAP') then 'failed_inspection'
    end as indicator,
    concat(
        '特种设备',
        case i.inspection_type
            when 'PERIODIC' then '定期检验' when 'SUPERVISION' then '监督检验' when 'MANUFACTURING' then '制造监督检验'
            when 'SELF_TEST' then '自行检测'
        end,
        '，结论：',
        case i.conclusion
            when 'PASS' then '合格' when 'PASS_AFTER_RETEST' then '复检合格' when 'CONDITIONAL' then '基本符合要求'
            when 'FAIL' then '不合格' when 'SCRAP' then '报废'
        end
    ) as event_text,
    i.conclusion as state,
    null::numeric(18, 2) as amount,
    null as product_code,
    {{ inspection_closed_on('i.source_key') }} as closed_on,
    null::date as annulled_on,
    i.known_from,
    i.delivery_id,
    i.row_no
from {{ ref('int_inspections_versioned') }} as i
where i.known_to = 'infinity'
union all
select
    'spot_check' as fact_kind,
    s.source_key,
    s.reported_on as event_on,
    case when s.conclusion = 'FAIL' then 'failed_sample' end as indicator,
    concat(
        case s.product_domain when 'food' then '食品安全' else '产品质量' end, '监督抽查，检验结论：',
        case s.conclusion when 'PASS' then '合格' when 'FAIL' then '不合格' end
    ) as event_text,
    s.conclusion as state,
    null as amount,
    s.product_category as product_code,
    null as closed_on,
    null as annulled_on,
    s.known_from,
    s.delivery_id,
    s.row_no
from {{ ref('int_spot_checks_versioned') }} as s
where s.known_to = 'infinity'
union all
select
    'certificate' as fact_kind,
    c.certificate_no as source_key,
    c.valid_from as event_on,
    case c.status when 'SUSPENDED' then 'suspended_certificate' when 'REVOKED' then 'revoked_certificate' end
        as indicator,
    concat(
        '强制性产品认证证书',
        case c.status
            when 'VALID' then '有效' when 'SUSPENDED' then '暂停' when 'REVOKED' then '撤销' when 'CANCELLED' then '注销'
            when 'EXPIRED' then '过期失效'
        end
    ) as event_text,
    c.status as state,
    null as amount,
    c.ccc_code as product_code,
    nullif(c.valid_to, 'infinity') as closed_on,
    null as annulled_on,
    c.known_from,
    c.source_delivery_id as delivery_id,
    c.source_row_no as row_no
from {{ ref('dim_certificate') }} as c
where c.known_to = 'infinity'
union all
select
    'ccc_check' as fact_kind,
    v.source_key,
    v.reported_on as event_on,
    case when 'FAIL' in (v.consistency, v.test_conclusion) then 'failed_ccc_check' end as indicator,
    concat(
        '强制性产品认证有效性抽查：',
        case
            when 'FAIL' in (v.consistency, v.test_conclusion) then '不合格'
            when v.consistency = 'PASS' and v.test_conclusion = 'PASS' then '合格'
            else '结论不全'
        end
    ) as event_text,
    case
        when 'FAIL' in (v.consistency, v.test_conclusion) then 'FAIL'
        when v.consistency = 'PASS' and v.test_conclusion = 'PASS' then 'PASS'
    end as state,
    null as amount,
    v.ccc_code as product_code,
    case when v.disposition in ('恢复', '复查合格') then v.disposition_on end as closed_on,
    null as annulled_on,
    v.known_from,
    v.delivery_id,
    v.row_no
from {{ ref('int_ccc_checks_versioned') }} as v
where v.known_to = 'infinity'
union all
select d.*
from {{ ref('int_archive_decisions') }} as d
