-- Grain: one version of a party × one period of an enterprise that it may be, both known from known_from to known_to,
-- with the first reason that applies, by its rank: the first two make a match, every other says why it is not enough.
-- Nothing is guessed: similar names and the head of a branch are only shown.
select
    p.fact_kind,
    p.source_key,
    p.role,
    p.known_from as party_known_from,
    r.uscc,
    r.enterprise_name,
    r.region_code,
    r.valid_from,
    r.valid_to,
    greatest(p.known_from, r.known_from) as known_from,
    least(p.known_to, r.known_to) as known_to,
    why.reason,
    why.reason_rank
from {{ ref('int_subject_parties') }} as p
cross join
    lateral (
        select n.* from {{ ref('int_register_names') }} as n where n.uscc = p.uscc
        union
        select n.* from {{ ref('int_register_names') }} as n where n.comparable_name = p.comparable_name
        union
        select n.* from {{ ref('int_register_names') }} as n where n.name_core = p.name_core
        union
        select n.* from {{ ref('int_register_names') }} as n where n.comparable_name = p.head_name
    ) as r
cross join
    lateral (
        select
            coalesce(r.uscc = p.uscc, false) as has_code,
            coalesce(r.comparable_name = p.comparable_name, false) as has_name,
            {{ in_region('p.region_code', 'r.region_code', 'p.fact_on') }} as is_in_region
    ) as compared
cross join
    lateral (
        select
            tried.reason,
            tried.reason_rank
        from (
            values
            (1, 'code_and_name', compared.has_code and compared.has_name and r.valid_from <= p.fact_on),
            (
                2, 'name_in_region',
                p.uscc is null and compared.has_name and compared.is_in_region and r.status in ('ACTIVE', 'REVOKED')
                and r.valid_from <= p.fact_on and p.fact_on < r.valid_to
            ),
            (3, 'fact_without_date', (compared.has_code or compared.has_name) and p.fact_on is null),
            (4, 'name_differs', compared.has_code),
            (5, 'other_code', compared.has_name and p.uscc is not null),
            (6, 'fact_without_region', compared.has_name and p.region_code is null),
            (7, 'other_region', compared.has_name and not compared.is_in_region),
            (8, 'not_registered_then', compared.has_name and r.valid_from <= p.fact_on and p.fact_on < r.valid_to),
            (9, 'name_outside_its_dates', compared.has_name),
            (10, 'similar_name', r.name_core = p.name_core),
            (11, 'head_of_branch', r.comparable_name = p.head_name)
        ) as tried (reason_rank, reason, applies)
        where tried.applies
        order by tried.reason_rank
        limit 1
    ) as why
where p.known_from < p.known_to and p.known_from < r.known_to and r.known_from < p.known_to
