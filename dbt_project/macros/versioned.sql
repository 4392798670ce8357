{% macro versioned(accepted_rows, source, version=none) -%}
    {%- set deliveries = ref('stg_platform__deliveries') -%}
    {%- set is_new = 'true' -%}
    {%- set columns = ['*'] -%}
    {%- if is_incremental() -%}
        {%- set columns = adapter.get_columns_in_relation(accepted_rows) | map(attribute='name') | list -%}
        {%- if (columns + ['known_to']) | sort != adapter.get_columns_in_relation(this) | map(attribute='name') | sort -%}
            {{ exceptions.raise_compiler_error(
                this ~ ' has other columns than ' ~ accepted_rows ~ ': build it anew, once, with `dbt build --full-refresh`'
            ) }}
        {%- endif -%}
        {%- set new_deliveries = run_query(
            "select d.delivery_id, d.business_day from " ~ deliveries ~ " as d"
            ~ " where d.source = '" ~ source ~ "' and d.accepted_rows > 0"
            ~ " and not exists (select from " ~ this ~ " as t where t.delivery_id = d.delivery_id)"
        ) -%}
        {%- set ids = new_deliveries.columns[0].values() | join(', ') -%}
        {%- set days = new_deliveries.columns[1].values() | map('string') | unique | join("', '") -%}
        {%- set is_new = "a.delivery_id in (" ~ ids ~ ") and a.known_from in ('" ~ days ~ "')" if ids else 'false' -%}
    {%- endif %}
    with new_rows as (
        select a.{{ columns | join(', a.') }}
        from {{ accepted_rows }} as a
        where {{ is_new }}
    ),

    all_rows as (
        select n.* from new_rows as n
        {%- if is_incremental() %}
        union all
        select k.{{ columns | join(', k.') }}
        from {{ this }} as k
        where k.source_key in (select n.source_key from new_rows as n)
        {%- endif %}
    )
    {%- if version %},

    {# A row that comes after a higher version of its document was never the current one. #}
    order_of_arrival as (
        select
            a.delivery_id,
            a.row_no,
            coalesce(a.{{ version }}, 1) < max(coalesce(a.{{ version }}, 1)) over (
                partition by a.source_key order by a.known_from, a.delivery_id, a.row_no
            ) as is_late
        from all_rows as a
    )

    select
        r.*,
        case
            when o.is_late then r.known_from
            else lead(r.known_from, 1, 'infinity'::date) over (
                partition by r.source_key, o.is_late order by r.known_from, r.delivery_id, r.row_no
            )
        end as known_to
    from all_rows as r
    inner join order_of_arrival as o on r.delivery_id = o.delivery_id and r.row_no = o.row_no
    {%- else %}

    select
        r.*,
        lead(r.known_from, 1, 'infinity'::date) over (
            partition by r.source_key order by r.known_from, r.delivery_id, r.row_no
        ) as known_to
    from all_rows as r
    {%- endif %}
{%- endmacro %}
