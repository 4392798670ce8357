-- Grain: one inspection agency by its code, under the name that it reported last.
-- Incremental: the agencies that new deliveries name, beside what was known of them.
-- depends_on: {{ ref('stg_platform__deliveries') }}, {{ ref('stg_platform__deliveries_read') }}
{{ config(
    materialized='incremental',
    unique_key='agency_uscc',
    incremental_strategy='delete+insert',
    pre_hook="{{ list_unread([ref('int_inspections_versioned')]) }}",
    post_hook="{{ mark_read('unread_dim_agency') }}",
) }}
with named as (
    select
        i.agency_uscc,
        i.agency_name,
        i.known_from as first_named_on,
        i.known_from as last_named_on,
        i.delivery_id,
        i.row_no
    from {{ ref('int_inspections_versioned') }} as i
    {% if is_incremental() %}
        where i.delivery_id in (select u.delivery_id from unread_dim_agency as u)
        union all
        select
            k.agency_uscc,
            k.agency_name,
            k.first_named_on,
            k.last_named_on,
            k.source_delivery_id as delivery_id,
            k.source_row_no as row_no
        from {{ this }} as k
    {% endif %}
)

{{ newest_name('agency', 'named') }}
