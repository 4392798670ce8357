{% macro note_rules(rules_hash) -%}
    do $$
    begin
        execute format('comment on table {{ this }} is %L', {{ rules_hash }});
    end
    $$
{%- endmacro %}
