{% macro subject_findings(parties, candidates) -%}
    days as (
        select p.fact_kind, p.source_key, p.role, p.known_from, p.known_from as slice_from
        from {{ parties }} as p
        union
        select p.fact_kind, p.source_key, p.role, p.known_from, change.day
        from {{ parties }} as p
        inner join {{ candidates }} as c
            on p.fact_kind = c.fact_kind and p.source_key = c.source_key and p.role = c.role and p.known_from = c.party_known_from
        cross join lateral (values (c.known_from), (c.known_to)) as change (day)
        where change.day < p.known_to
        union
        select p.fact_kind, p.source_key, p.role, p.known_from, m.known_from
        from {{ parties }} as p
        inner join {{ ref('stg_platform__subject_decisions') }} as m
            on p.fact_kind = m.fact_kind and p.source_key = m.source_key and p.role = m.role
        where p.known_from < m.known_from and m.known_from < p.known_to
    ),

    {# Of several periods of one enterprise the one that comes closest. #}
    closest as (
        select distinct on (d.fact_kind, d.source_key, d.role, d.slice_from, c.uscc)
            d.slice_from,
            c.*,
            max(c.valid_to) filter (where c.reason_rank < 10)
                over (partition by d.fact_kind, d.source_key, d.role, d.slice_from, c.uscc) as name_borne_to
        from days as d
        inner join {{ candidates }} as c
            on d.fact_kind = c.fact_kind and d.source_key = c.source_key and d.role = c.role and d.known_from = c.party_known_from
        where c.known_from <= d.slice_from and d.slice_from < c.known_to
        order by
            d.fact_kind asc, d.source_key asc, d.role asc, d.slice_from asc, c.uscc asc, c.reason_rank asc, c.valid_from desc
    ),

    found as (
        select
            c.fact_kind,
            c.source_key,
            c.role,
            c.slice_from,
            (array_agg(c.uscc order by c.reason_rank, c.uscc))[1] as uscc,
            (array_agg(c.reason order by c.reason_rank, c.uscc))[1] as reason,
            (array_agg(c.name_borne_to order by c.reason_rank, c.uscc))[1] as name_borne_to,
            (array_agg(c.valid_from order by c.reason_rank, c.uscc))[1] as valid_from,
            (array_agg(c.valid_to order by c.reason_rank, c.uscc))[1] as valid_to,
            count(*) filter (where c.reason_rank <= 2) as matches,
            jsonb_path_query_array(
                jsonb_agg(
                    jsonb_build_object(
                        'uscc', c.uscc, 'name', c.enterprise_name, 'region_code', c.region_code,
                        'valid_from', c.valid_from, 'valid_to', c.valid_to, 'reason', c.reason
                    )
                    order by c.reason_rank, c.uscc
                ),
                '$[0 to 9]'
            ) as candidates
        from closest as c
        group by c.fact_kind, c.source_key, c.role, c.slice_from
    )
{%- endmacro %}
