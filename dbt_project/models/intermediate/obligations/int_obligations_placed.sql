-- Grain: one record that is due, held or ended as of the day, with the divisions that it concerns; for the live marts,
-- of which a regional reader then sees what it sees of the day's. Inlined into each, as int_obligations_now is.
{{ config(materialized='ephemeral') }}
{% for mart in ['disclosure_due', 'disclosure_held', 'disclosure_ended'] %}
    select
        record_id,
        place_region_code,
        registration_region_code,
        authority_region_code
    from {{ ref(mart) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
