{% macro inspection_rule_days() -%}
    (
        select c.known_from as known_day from {{ ref('inspection_conclusion') }} as c
        union
        select c.known_to as known_day from {{ ref('inspection_conclusion') }} as c
        union
        select v.known_from as known_day from {{ ref('verdict_rule') }} as v where v.subject_kind = 'inspection'
        union
        select v.known_to as known_day from {{ ref('verdict_rule') }} as v where v.subject_kind = 'inspection'
    )
{%- endmacro %}
