"""What each chart has to show, as SQL written by hand on the marts: by dashboard, by name of the chart's file.

A query gives the chart's rows; a bar chart's are category, series, number. None of them reads a dataset's SQL.
"""

PROVINCE = (
    "coalesce((select region_name from marts.dim_region where region_code = {} || '0000' and valid_to = 'infinity'),"
    " '不详 Unknown')"
)
FAILED_BY_PROVINCE = f"""
    select {PROVINCE.format("f.province")}, count(*) from (
        select left(region_code, 2) as province from marts.fct_inspection
        where known_to = 'infinity' and conclusion in ('FAIL', 'SCRAP')
        union all
        select left(seller_region_code, 2) from marts.fct_spot_check where known_to = 'infinity' and conclusion = 'FAIL'
        union all
        select substr(holder_uscc, 3, 2) from marts.fct_ccc_check
        where known_to = 'infinity' and 'FAIL' in (consistency, test_conclusion)
        union all
        select left(party_region_code, 2) from marts.fct_supervision_check
        where known_to = 'infinity' and conclusion = 'FAIL'
    ) as f group by 1
"""
RATE = "select round(sum(numerator) / sum(denominator), 6) from marts.metric_daily where metric = '{}'"
STATUS = "select status from marts.dim_certificate where known_to = 'infinity' and valid_to = 'infinity'"
STATUS_LABEL = """
    case status when 'VALID' then '有效 Valid' when 'SUSPENDED' then '暂停 Suspended' when 'REVOKED' then '撤销 Revoked'
        when 'CANCELLED' then '注销 Cancelled' else '过期 Expired' end
"""
CHANNEL = "case channel when 'gsxt' then '公示系统 GSXT' else '信用中国 Credit China' end"
RECORD_TYPE = """
    case record_type when 'administrative_penalty' then '行政处罚 Penalty' when 'spot_check' then '质量抽查 Spot check'
        when 'serious_listing' then '严重违法失信 Serious listing' when 'ccc_validity' then '认证有效性 CCC validity'
        when 'other_check' then '监督检查 Supervision check' else '其他部门处罚 Other department' end
"""

FIGURES = {
    "overview": {
        "checks": """
            select (select count(*) from marts.fct_inspection where known_to = 'infinity')
                + (select count(*) from marts.fct_spot_check where known_to = 'infinity')
                + (select count(*) from marts.fct_ccc_check where known_to = 'infinity')
                + (select count(*) from marts.fct_supervision_check where known_to = 'infinity')
        """,
        "discovery_rate": RATE.format("spot_check_discovery_rate"),
        "penalties": "select count(*) from marts.fct_penalty where known_to = 'infinity'",
        "public_records": "select count(*) from marts.disclosure_public",
        "failed_by_province": FAILED_BY_PROVINCE,
        "regional_ranking": f"""
            select {PROVINCE.format("left(region, 2)")}, round(sum(numerator) filter (where metric like 'spot%')
                / nullif(sum(denominator) filter (where metric like 'spot%'), 0), 6),
                round(sum(numerator) filter (where metric like 'insp%')
                / nullif(sum(denominator) filter (where metric like 'insp%'), 0), 6),
                round(sum(numerator) filter (where metric like 'ccc%')
                / nullif(sum(denominator) filter (where metric like 'ccc%'), 0), 6)
            from marts.metric_daily as m
            where metric in ('spot_check_discovery_rate', 'inspection_failure_rate', 'ccc_check_failure_rate',
                'quarantine_rate', 'publication_on_time')
            group by 1
        """,
        "results_by_kind": """
            select '设备检验 Inspection', case when conclusion in ('FAIL', 'SCRAP') then '不合格 Failed'
                else '合格 Passed' end, count(*)
            from marts.fct_inspection where known_to = 'infinity' group by 1, 2
            union all
            select '质量抽查 Spot check', case conclusion when 'FAIL' then '不合格 Failed' else '合格 Passed' end,
                count(*)
            from marts.fct_spot_check where known_to = 'infinity' group by 1, 2
            union all
            select '认证检查 CCC check', case when 'FAIL' in (consistency, test_conclusion) then '不合格 Failed'
                when consistency = 'PASS' and test_conclusion = 'PASS' then '合格 Passed' else '无结论 Neither' end,
                count(*)
            from marts.fct_ccc_check where known_to = 'infinity' group by 1, 2
            union all
            select '监督检查 Supervision check', case conclusion when 'FAIL' then '不合格 Failed'
                when 'PASS' then '合格 Passed' else '无结论 Neither' end, count(*)
            from marts.fct_supervision_check where known_to = 'infinity' group by 1, 2
        """,
        "penalties_by_province": f"""
            select {PROVINCE.format("left(party_region_code, 2)")}, count(*), sum(fine_amount)
            from marts.fct_penalty where known_to = 'infinity' group by 1
        """,
    },
    "spot-checks": {
        "samples": "select count(*) from marts.fct_spot_check where known_to = 'infinity'",
        "failure_rate": """
            select round(avg((conclusion = 'FAIL')::int), 6) from marts.fct_spot_check
            where known_to = 'infinity' and sampled_on is not null and conclusion in ('PASS', 'FAIL')
        """,
        "branches": """
            select count(coalesce(producer_name, producer_uscc)) + count(coalesce(seller_name, seller_uscc))
            from marts.fct_spot_check where known_to = 'infinity' and conclusion = 'FAIL'
        """,
        "branch_states": """
            select branch, case when exists (select from marts.disclosure_public as p where p.record_id = r.record_id)
                    then '已公示 Public' else coalesce(r.state, '不公示 Not disclosed') end, count(*)
            from marts.fct_spot_check as f
            cross join lateral (
                values ('生产者 Producer', '|producer', coalesce(producer_name, producer_uscc)),
                    ('销售者 Seller', '|seller', coalesce(seller_name, seller_uscc))
            ) as b (branch, suffix, party)
            left join (
                select source_key, record_id, '待公示 Due' as state from marts.disclosure_due where channel = 'gsxt'
                union all
                select source_key, record_id, '暂缓 Held' from marts.disclosure_held where channel = 'gsxt'
            ) as r on r.source_key = f.source_key || b.suffix
            where f.known_to = 'infinity' and f.conclusion = 'FAIL' and party is not null group by 1, 2
        """,
        "across_provinces": f"""
            select branch, case when left(producer_region_code, 2) = left(seller_region_code, 2)
                    then '本省 Same province'
                    when producer_region_code is null or seller_region_code is null then '不详 Unknown'
                    else '跨省 Across provinces' end, {PROVINCE.format("left(region, 2)")}, count(*)
            from marts.fct_spot_check cross join lateral (
                values ('生产者 Producer', producer_region_code, coalesce(producer_name, producer_uscc)),
                    ('销售者 Seller', seller_region_code, coalesce(seller_name, seller_uscc))
            ) as b (branch, region, party)
            where known_to = 'infinity' and conclusion = 'FAIL' and party is not null group by 1, 2, 3
        """,
        "traced_samples": f"""
            select sample_no, product_name, branch, party, {PROVINCE.format("left(region, 2)")},
                case when left(producer_region_code, 2) = left(seller_region_code, 2) then '本省 Same province'
                    when producer_region_code is null or seller_region_code is null then '不详 Unknown'
                    else '跨省 Across provinces' end,
                case when exists (
                        select from marts.disclosure_public as p where p.record_id in (
                            select record_id from marts.disclosure_due as d where d.source_key = f.source_key || suffix
                            union all
                            select record_id from marts.disclosure_held as h where h.source_key = f.source_key || suffix
                        ) and p.channel = 'gsxt'
                    ) then '已公示 Public'
                    when f.source_key || suffix in (select source_key from marts.disclosure_due where channel = 'gsxt')
                        then '待公示 Due'
                    when f.source_key || suffix in (select source_key from marts.disclosure_held where channel = 'gsxt')
                        then '暂缓 Held' else '不公示 Not disclosed' end
            from marts.fct_spot_check as f cross join lateral (
                values ('生产者 Producer', producer_name, producer_uscc, producer_region_code, '|producer'),
                    ('销售者 Seller', seller_name, seller_uscc, seller_region_code, '|seller')
            ) as b (branch, party, uscc, region, suffix)
            where known_to = 'infinity' and conclusion = 'FAIL' and coalesce(party, uscc) is not null
        """,
        "by_field": """
            select coalesce(sampling_field, '未写明 Not given'), count(*) from marts.fct_spot_check
            where known_to = 'infinity' group by 1
        """,
        "results_by_category": """
            select product_category, case conclusion when 'FAIL' then '不合格 Failed' else '合格 Passed' end, count(*)
            from marts.fct_spot_check where known_to = 'infinity' and conclusion in ('PASS', 'FAIL') group by 1, 2
        """,
    },
    "certificates": {
        "by_body": f"""
            select body_name, {STATUS_LABEL}, count(*) from marts.dim_certificate
            where known_to = 'infinity' and valid_to = 'infinity' group by 1, 2
        """,
        "check_dispositions": """
            select coalesce(disposition, '无处置 None'), case test_conclusion when 'FAIL' then '检测不合格 Test failed'
                when 'PASS' then '检测合格 Test passed' else '无结论 Neither' end, count(*)
            from marts.fct_ccc_check where known_to = 'infinity' group by 1, 2
        """,
        "certificates": f"select count(*) from ({STATUS}) as c",
        "not_valid": f"select count(*) from ({STATUS}) as c where status <> 'VALID'",
        "failure_rate": """
            select round(avg(('FAIL' in (coalesce(consistency, ''), coalesce(test_conclusion, '')))::int), 6)
            from marts.fct_ccc_check
            where known_to = 'infinity' and sampled_on is not null
                and (consistency is not null or test_conclusion is not null)
        """,
        "by_status": f"""
            select {STATUS_LABEL}, count(*)
            from ({STATUS}) as c group by 1
        """,
        "by_province": f"""
            select {PROVINCE.format("substr(factory_uscc, 3, 2)")}, count(*), count(nullif(status, 'VALID'))
            from marts.dim_certificate where known_to = 'infinity' and valid_to = 'infinity' group by 1
        """,
    },
    "timeliness": {
        "on_time_rate": RATE.format("publication_on_time"),
        "overdue": "select sum(overdue) from marts.disclosure_timeliness",
        "held": "select count(*) from marts.disclosure_held",
        **{
            chart: f"""
                select {label}, series, sum(number) from marts.disclosure_timeliness cross join lateral (
                    values ('all_on_time', on_time), ('all_late', late), ('all_overdue', overdue),
                        ('all_not_yet_due', not_yet_due)
                ) as v (series, number) group by 1, 2
            """
            for chart, label in (("by_channel", CHANNEL), ("by_record_type", RECORD_TYPE))
        },
        "public_by_province": f"""
            select {PROVINCE.format("substr(uscc, 3, 2)")}, {CHANNEL}, count(*)
            from marts.disclosure_public group by 1, 2
        """,
        "worklist": f"""
            select case alarm when 'critical' then '严重 Critical' when 'overdue' then '逾期 Overdue'
                when 'soon' then '临期 Soon' else '正常 None' end, owner, {RECORD_TYPE}, count(*)
            from marts.disclosure_worklist group by 1, 2, 3
        """,
        "held_by_reason": "select held_reason, count(*) from marts.disclosure_held group by 1",
    },
    "data-quality": {
        "received": "select sum(received_rows) from marts.quarantine_by_submitter where period = 'week'",
        "by_submitter": """
            select submitter, source,
                round(sum(quarantined_rows) / nullif(sum(received_rows) - sum(blocked_rows), 0), 6),
                sum(received_rows), sum(quarantined_rows), sum(open_rows), max(oldest_open_days)
            from marts.quarantine_by_submitter where period = 'week' group by 1, 2
        """,
        "open_by_source": """
            select source, count(q.state) from (select distinct source from marts.quarantine_by_submitter) as s
            left join (select source, state from marts.fct_quarantine where state = 'open') as q using (source)
            group by 1
        """,
        "quarantine_rate": RATE.format("quarantine_rate"),
        "open_rows": "select count(*) from marts.fct_quarantine where state = 'open'",
        "top_rules": """
            select rule || ' ' || reason, source, count(*) from marts.fct_quarantine
            cross join lateral unnest(rule_ids, reasons) as u (rule, reason) group by 1, 2
        """,
    },
}
