-- Grain: supervision check as known on known_day, with what the public is shown of it (domain 11.1): keys, order and
-- form of the values are fixed by disclosure/schemas/gsxt/other_check.schema.json.
select
    p.source_key,
    'gsxt' as channel,
    jsonb_build_object(
        'authority_name', p.authority_name,
        'authority_uscc', p.authority_uscc,
        'check_no', p.check_no,
        'checked_on', p.checked_on::text,
        'conclusion', case p.conclusion
            when 'PASS' then '未发现问题'
            when 'FAIL' then '发现问题'
            when 'CORRECTED' then '发现问题已责令改正'
            when 'REFUSED' then '不配合检查情节严重'
            when 'UNREACHABLE' then '无法联系'
        end,
        'corrected_on', p.corrected_on::text,
        'kind', p.kind,
        'party_name', p.party_name,
        'party_uscc', p.party_uscc,
        'programme', case p.programme
            when 'RANDOM' then '双随机'
            when 'ROUTINE' then '日常检查'
            when 'AGENCY_SAMPLING' then '检验机构监督抽查'
        end,
        'result', p.result
    ) as payload
from {{ ref('int_supervision_checks_as_of_day') }} as p
