{% macro organisations(word, sources) -%}
    {%- set unread = 'v.delivery_id in (select u.delivery_id from unread_' ~ this.identifier ~ ' as u)' -%}
    with named as (
        {% for source in sources %}
            select
                v.{{ word }}_uscc,
                v.{{ word }}_name,
                v.known_from as first_named_on,
                v.known_from as last_named_on,
                v.delivery_id as source_delivery_id,
                v.row_no as source_row_no
            from {{ ref(versions_of()[source]) }} as v
            where v.{{ word }}_uscc is not null and {{ unread if is_incremental() else 'true' }}
            {{ 'union all' if not loop.last }}
        {% endfor %}
        {% if is_incremental() %}
            union all
            select
                k.{{ word }}_uscc,
                k.{{ word }}_name,
                k.first_named_on,
                k.last_named_on,
                k.source_delivery_id,
                k.source_row_no
            from {{ this }} as k
        {% endif %}
    )

    select distinct on (n.{{ word }}_uscc)
        n.{{ word }}_uscc,
        n.{{ word }}_name,
        {{ region_of_code('n.' ~ word ~ '_uscc') }} as region_code,
        min(n.first_named_on) over every_naming as first_named_on,
        max(n.last_named_on) over every_naming as last_named_on,
        n.source_delivery_id,
        n.source_row_no
    from named as n
    window every_naming as (partition by n.{{ word }}_uscc)
    order by
        n.{{ word }}_uscc asc,
        n.{{ word }}_name is null asc,
        n.last_named_on desc,
        n.source_delivery_id desc,
        n.source_row_no desc
{%- endmacro %}
