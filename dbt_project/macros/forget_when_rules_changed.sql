{% macro forget_when_rules_changed(rules_hash) -%}
    {%- if is_incremental() -%}
        {%- set is_changed = rules_hash ~ " is distinct from obj_description('" ~ this ~ "'::regclass, 'pg_class')" -%}
        delete from quality.delivery_read where read_by = '{{ this.identifier }}' and {{ is_changed }};
        delete from {{ this }} where {{ is_changed }}
    {%- endif -%}
{%- endmacro %}
