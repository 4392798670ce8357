-- Grain: one authority by its code, under the name that it reported last: whoever drew a sample, checked, listed or
-- punished. An authority named without a code stands in the facts alone.
-- Incremental: the authorities that new deliveries name, beside what was known of them.
{{ config(
    materialized='incremental',
    unique_key='authority_uscc',
    incremental_strategy='delete+insert',
    pre_hook="{{ list_unread(sources_with_authority()) }}",
    post_hook="{{ mark_read() }}",
) }}
{{ organisations('authority', sources_with_authority()) }}
