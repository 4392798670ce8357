{% macro bitemporal_periods(versions, key) -%}
    with numbered as (
        select
            v.*,
            row_number() over (order by v.{{ key }}, v.valid_from, v.known_from, v.delivery_id, v.row_no) as version_no
        from {{ versions }} as v
        where v.known_from < v.known_to
    ),

    {# At each of these days what was known of the key changed. #}
    changes as (
        select n.{{ key }}, n.known_from as known_day from numbered as n
        union
        select n.{{ key }}, n.known_to as known_day from numbered as n
    ),

    slices as (
        {{ knowledge_slices(key, 'changes') }}
    ),

    {# Within one slice of knowledge a period ends where the next one known then begins. #}
    periods as (
        select
            n.version_no,
            s.slice_from,
            s.slice_to,
            least(n.valid_to, lead(n.valid_from, 1, 'infinity'::date) over (
                partition by n.{{ key }}, s.slice_from order by n.version_no
            )) as period_to
        from slices as s
        inner join numbered as n
            on s.{{ key }} = n.{{ key }} and n.known_from <= s.slice_from and s.slice_from < n.known_to
    ),

    islands as (
        select
            p.*,
            row_number() over (partition by p.version_no order by p.slice_from)
            - row_number() over (partition by p.version_no, p.period_to order by p.slice_from) as island
        from periods as p
    ),

    merged as (
        select
            i.version_no,
            i.period_to,
            min(i.slice_from) as slice_from,
            max(i.slice_to) as slice_to
        from islands as i
        group by i.version_no, i.period_to, i.island
    )
{%- endmacro %}
