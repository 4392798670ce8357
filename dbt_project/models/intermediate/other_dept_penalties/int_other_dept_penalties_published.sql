-- Grain: case of another department as known on known_day, with what the public is shown of it (E_OT_CASE, domain 3.5):
-- keys, order and form of the values are fixed by disclosure/schemas/gsxt/other_dept_penalty.schema.json.
select
    p.source_key,
    'gsxt' as channel,
    jsonb_build_object(
        'caseid', p.caseid,
        'datadept', p.datadept,
        'entname', p.entname,
        'forfam', round(p.forfam, 2)::text,
        'illegacttype', p.illegacttype,
        'judauth', p.judauth,
        'penam', round(p.penam, 2)::text,
        'pencontent', p.pencontent,
        'pendecissdate', p.pendecissdate::text,
        'pendecno', p.pendecno,
        'pentype', p.pentype,
        'pentype_cn', p.pentype_cn,
        'pripid', p.pripid,
        'publicdate', p.publicdate::text,
        'regno', p.regno,
        'remark', p.remark,
        'uniscid', p.uniscid
    ) as payload
from {{ ref('int_other_dept_penalties_as_of_day') }} as p
