{% macro inspection_rules_hash() -%}
    (
        select md5(string_agg(w.rule_row, ' ' order by w.rule_row))
        from (
            select to_jsonb(c)::text as rule_row from {{ ref('inspection_conclusion') }} as c
            union all
            select to_jsonb(v)::text as rule_row from {{ ref('verdict_rule') }} as v where v.subject_kind = 'inspection'
        ) as w
    )
{%- endmacro %}
