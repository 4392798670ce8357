{% macro subject_findings(parties) -%}
    {%- set candidates = ref('int_subject_candidates') -%}
    {%- set decisions = ref('stg_platform__subject_decisions') -%}
    {# All by lateral look-up: what a planner that expects one row would do to a join of ten thousand, it cannot do here. #}
    slices as (
        select
            p.*,
            d.slice_from,
            lead(d.slice_from, 1, p.known_to) over (
                partition by p.fact_kind, p.source_key, p.role, p.known_from order by d.slice_from
            ) as slice_to
        from {{ parties }} as p
        cross join
            lateral (
                select p.known_from as slice_from
                union
                select change.day as slice_from
                from {{ candidates }} as c
                cross join lateral (values (c.known_from), (c.known_to)) as change (day)
                where
                    c.source_key = p.source_key
                    and c.fact_kind = p.fact_kind
                    and c.role = p.role
                    and c.party_known_from = p.known_from
                    and change.day < p.known_to
                union
                select m.known_from as slice_from
                from {{ decisions }} as m
                where
                    m.source_key = p.source_key
                    and m.fact_kind = p.fact_kind
                    and m.role = p.role
                    and p.known_from < m.known_from
                    and m.known_from < p.known_to
            ) as d
    ),

    found as (
        select
            s.*,
            f.uscc as found_uscc,
            f.reason as found_reason,
            f.name_borne_to,
            f.valid_from,
            f.valid_to,
            f.matches,
            f.candidates
        from slices as s
        cross join
            lateral (
                select
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
                {# Of several periods of one enterprise the one that comes closest. #}
                from (
                    select distinct on (c.uscc)
                        c.*,
                        max(c.valid_to) filter (where c.reason_rank < 10) over (partition by c.uscc) as name_borne_to
                    from {{ candidates }} as c
                    where
                        c.source_key = s.source_key
                        and c.fact_kind = s.fact_kind
                        and c.role = s.role
                        and c.party_known_from = s.known_from
                        and c.known_from <= s.slice_from
                        and s.slice_from < c.known_to
                    order by c.uscc asc, c.reason_rank asc, c.valid_from desc
                ) as c
            ) as f
    )
{%- endmacro %}
