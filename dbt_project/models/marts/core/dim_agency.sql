-- Grain: one inspection agency by its code, under the name that it reported last.
-- Incremental: the agencies that new deliveries name, beside what was known of them.
{{ config(
    materialized='incremental',
    unique_key='agency_uscc',
    incremental_strategy='delete+insert',
    pre_hook="{{ list_unread(['agency_inspections']) }}",
    post_hook="{{ mark_read() }}",
) }}
{{ organisations('agency', ['agency_inspections']) }}
