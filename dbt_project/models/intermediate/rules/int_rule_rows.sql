-- Grain: one rule row that says how a public record comes about, is shown, held or ended, as known on known_day, in
-- one shape over the seeds. `rule` is the name by which a verdict names it; a null channel, record type or scheme
-- stands for each. A later row of the same rule, covering the same from the same day, is what confirms an earlier one.
{% set seeds = {
    'dispatch': {'channel': 'r.channel', 'record_type': 'r.record_type',
        'covers': "concat_ws(' ', r.fact, nullif(r.party_place, 'any'))", 'counts': 'r.enabled'},
    'verdict_rule': {'covers': 'r.subject_kind'},
    'publicity_regime': {'rule': 'r.regime_id', 'channel': 'r.channel', 'record_type': 'r.record_type',
        'covers': 'r.class'},
    'hold_reason': {'rule': 'r.hold_reason', 'covers': 'r.hold_reason'},
    'ending_reason': {'rule': 'r.reason_code', 'covers': 'r.reason_code'},
    'publication_exclusion': {'channel': 'r.channel', 'record_type': 'r.record_type', 'covers': 'r.reason'},
    'penalty_kind_class': {'scheme': 'r.scheme',
        'covers': "concat_ws(' ', r.scheme, r.penalty_kind, nullif(r.fine_level, 'any'))"},
    'low_fine_threshold': {'record_type': "'administrative_penalty'",
        'covers': "concat_ws(' ', r.province_code, r.party_kind)"},
    'objection_window': {'covers': 'r.product_domain', 'counts': 'r.enabled',
        'record_type': "case r.product_domain when 'ccc' then 'ccc_validity' else 'spot_check' end"},
    'repair_rule': {'channel': 'r.channel', 'record_type': 'r.record_type', 'scheme': 'r.scheme',
        'covers': "concat_ws(' ', r.scheme, r.event_type, r.violation_pattern)"},
    'redaction_profile': {'channel': "nullif(r.channel, '*')", 'record_type': "nullif(r.record_type, '*')",
        'covers': "concat_ws(' ', r.field, r.kind)"},
} %}
with known_rows as (
    {% for seed, has in seeds.items() %}
        select
            '{{ seed }}' as seed,
            {{ has.rule | default('r.rule_id') }} as rule,
            r.rule_id,
            {{ has.channel | default('null') }} as channel,
            {{ has.record_type | default('null') }} as record_type,
            {{ has.scheme | default('null') }} as scheme,
            {{ has.covers }} as covers,
            {{ has.counts | default('true') }} and r.status = 'in_force' as is_in_use,
            r.status,
            r.legal_basis,
            r.valid_from,
            r.valid_to,
            r.known_from,
            r.confidence,
            r.checked_by,
            r.source_note
        from {{ ref(seed) }} as r
        cross join {{ ref('int_as_of_day') }} as d
        where r.status <> 'draft' and r.known_from <= d.known_day and d.known_day < r.known_to
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

latest as (
    select distinct on (k.seed, k.rule_id, k.channel, k.record_type, k.covers, k.valid_from)
        k.*
    from known_rows as k
    order by
        k.seed asc,
        k.rule_id asc,
        k.channel asc,
        k.record_type asc,
        k.covers asc,
        k.valid_from asc,
        k.known_from desc
)

select
    l.*,
    l.confidence in ('verified', 'design') and l.checked_by is not null as is_confirmed
from latest as l
where l.is_in_use
