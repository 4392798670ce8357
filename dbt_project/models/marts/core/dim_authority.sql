-- Grain: one authority by its code, under the name that it reported last: whoever drew a sample, checked, listed or
-- punished. An authority named without a code stands in the facts alone.
-- Incremental: the authorities that new deliveries name, beside what was known of them.
-- depends_on: {{ ref('stg_platform__deliveries') }}, {{ ref('stg_platform__deliveries_read') }}
{% set stores = [
    ref('int_penalties_versioned'), ref('int_serious_listings_versioned'), ref('int_spot_checks_versioned'),
    ref('int_supervision_checks_versioned'),
] %}
{{ config(
    materialized='incremental',
    unique_key='authority_uscc',
    incremental_strategy='delete+insert',
    pre_hook="{{ list_unread([
        ref('int_penalties_versioned'), ref('int_serious_listings_versioned'), ref('int_spot_checks_versioned'),
        ref('int_supervision_checks_versioned'),
    ]) }}",
    post_hook="{{ mark_read('unread_dim_authority') }}",
) }}
{% set unread = 'v.delivery_id in (select delivery_id from unread_dim_authority)' if is_incremental() else 'true' %}
with named as (
    {% for store in stores %}
        select
            v.authority_uscc,
            v.authority_name,
            v.known_from as first_named_on,
            v.known_from as last_named_on,
            v.delivery_id,
            v.row_no
        from {{ store }} as v
        where {{ unread }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
    {% if is_incremental() %}
        union all
        select
            k.authority_uscc,
            k.authority_name,
            k.first_named_on,
            k.last_named_on,
            k.source_delivery_id as delivery_id,
            k.source_row_no as row_no
        from {{ this }} as k
    {% endif %}
)

{{ newest_name('authority', 'named') }}
