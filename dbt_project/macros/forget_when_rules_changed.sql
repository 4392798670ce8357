{% macro forget_when_rules_changed(rules_hash) -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where {{ rules_hash }} is distinct from obj_description('{{ this }}'::regclass, 'pg_class')
    {%- endif -%}
{%- endmacro %}
