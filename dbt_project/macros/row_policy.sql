{% macro row_policy(table) -%}
    {%- set found = run_query(
        "select obj_description(p.oid, 'pg_policy') as rule from pg_policy as p"
        ~ " where p.polname = 'own_rows' and p.polrelid = to_regclass('" ~ table ~ "')"
    ) if execute else [] -%}
    {{- return(found[0]['rule'] if found | length else none) -}}
{%- endmacro %}
