-- Grain: sample × responsible party as known on known_day, with what the public is shown of it (domain 11.1): keys,
-- order and form of the values are fixed by disclosure/schemas/gsxt/spot_check.schema.json.
select
    p.party_source_key as source_key,
    'gsxt' as channel,
    jsonb_build_object(
        'authority_name', p.authority_name,
        'authority_uscc', p.authority_uscc,
        'batch_no', p.batch_no,
        'brand', p.brand,
        'conclusion', '不合格',
        'failed_items', coalesce((
            select
                jsonb_agg(
                    jsonb_build_object(
                        'item', quality.clean_text(failed.item ->> 'item'),
                        'limit', quality.clean_text(failed.item ->> 'limit'),
                        'measured', quality.clean_text(failed.item ->> 'measured')
                    )
                    order by failed.place
                )
            from jsonb_array_elements(p.failed_items) with ordinality as failed (item, place)
        ), '[]'::jsonb),
        'final_on', f.final_on::text,
        'level', p.level,
        'model', p.model,
        'plan_name', p.plan_name,
        'produced_on', p.produced_on_text,
        'producer_name', p.public_producer_name,
        'product_name', p.product_name,
        'recheck_on', p.recheck_passed_on::text,
        'recheck_result', case when p.recheck_passed_on is not null then '合格' end,
        'retest', case when p.retest_confirmed_on is null then 'none' else 'confirmed' end,
        'sample_no', p.sample_no,
        'seller_name', p.seller_name,
        'standard', p.standard,
        'subject_name', p.subject_name,
        'subject_role', p.role,
        'subject_uscc', p.subject_uscc
    ) as payload
from {{ ref('int_spot_check_parties_as_of_day') }} as p
inner join {{ ref('int_spot_checks_finalised') }} as f on p.source_key = f.source_key and f.is_final
