-- Grain: penalty that 信用中国 shows, with its row of the 双公示 list (发改办财金〔2018〕424号; domain 2.2): amounts in 万元
-- with six decimals, days as YYYY/MM/DD, kinds of penalty in the words of the list. Keys, order and form are fixed by
-- disclosure/schemas/credit_china/administrative_penalty.schema.json; what only the exchange may carry is not here.
-- 其他-… keeps its words, which the list wants (2.4a 需注明), unless the 100 characters of the field do not hold them:
-- then CF_NR says them alone. Who may be a minor is read by a person first (3.3).
with kinds as (
    select
        p.source_key,
        string_agg(distinct shown.noted collate "C", ';' order by shown.noted collate "C") as noted,
        string_agg(distinct shown.plain collate "C", ';' order by shown.plain collate "C") as plain
    from {{ ref('int_penalties_as_of_day') }} as p
    cross join jsonb_array_elements_text(p.kinds) as kind (penalty_kind)
    left join {{ ref('penalty_kind') }} as k on split_part(kind.penalty_kind, '-', 1) = k.penalty_kind
    cross join
        lateral (
            select
                coalesce(k.legacy_text, kind.penalty_kind) as plain,
                coalesce(
                    case when kind.penalty_kind not like '其他-%' then k.legacy_text end, kind.penalty_kind
                ) as noted
        ) as shown
    group by p.source_key
)

select
    p.source_key,
    o.channel,
    case when p.party_is_of_age is null then 'age_unknown' end as doubt,
    jsonb_build_object(
        'BZ', null,
        'CF_CFJG', p.authority_name,
        'CF_CFJGDM', p.authority_uscc,
        'CF_CFLB', case when char_length(k.noted) <= 100 then k.noted else k.plain end,
        'CF_GSJZQ', to_char(o.publish_until, 'YYYY/MM/DD'),
        'CF_JDRQ', to_char(p.decided_on, 'YYYY/MM/DD'),
        'CF_NR', p.penalty_content,
        'CF_NR_FK', round(p.fine_amount / 10000, 6)::text,
        'CF_NR_WFFF', round(p.confiscated_amount / 10000, 6)::text,
        'CF_NR_ZKDX', p.license_revoked,
        'CF_SJLY', p.authority_name,
        'CF_SJLYDM', p.authority_uscc,
        'CF_SY', p.violation_fact,
        'CF_WFXW', p.violation_type,
        'CF_WSH', p.document_no,
        'CF_XDR_GSZC', case
            when
                p.party_kind <> '自然人' and p.party_registration_no ~ '^([0-9]{13}|[0-9]{15})$'
                then p.party_registration_no
        end,
        'CF_XDR_LB', p.party_kind,
        'CF_XDR_MC', p.party_name,
        'CF_XDR_SHXYM', p.party_uscc,
        'CF_XDR_SHZZ', null,
        'CF_XDR_SWDJ', null,
        'CF_XDR_SYDW', null,
        'CF_XDR_ZZJG', substr(p.party_uscc, 9, 9),
        'CF_YJ', p.penalty_basis,
        'CF_YXQ', to_char(coalesce(p.valid_until, '2099-12-31'), 'YYYY/MM/DD')
    ) as payload
from {{ ref('int_penalties_as_of_day') }} as p
inner join kinds as k on p.source_key = k.source_key
inner join {{ ref('int_obligations_judged') }} as o
    on p.source_key = o.source_key and o.subject_kind = 'penalty' and o.channel = 'credit_china' and o.standing = 'due'
