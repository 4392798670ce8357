{% macro versioned(accepted_rows, source) -%}
    {%- set is_new = 'true' -%}
    {%- set deliveries = ref('stg_platform__deliveries') -%}
    {%- if is_incremental() -%}
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
        select a.*
        from {{ accepted_rows }} as a
        where {{ is_new }}
    ),

    all_rows as (
        select n.* from new_rows as n
        {%- if is_incremental() %}
        union all
        select
            {%- for column in adapter.get_columns_in_relation(this) if column.name != 'known_to' %}
            k.{{ column.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ this }} as k
        where k.source_key in (select n.source_key from new_rows as n)
        {%- endif %}
    )

    select
        r.*,
        lead(r.known_from, 1, 'infinity'::date) over (
            partition by r.source_key order by r.known_from, r.delivery_id, r.row_no
        ) as known_to
    from all_rows as r
{%- endmacro %}
