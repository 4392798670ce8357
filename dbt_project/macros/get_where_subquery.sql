{% macro get_where_subquery(relation) -%}
    {%- set lately = none if var('every_row') else lately_touched(relation) -%}
    {%- set conditions = [config.get('where'), lately] | select | join(' and ') -%}
    {%- if conditions -%}
        {%- do return('(select * from ' ~ relation ~ ' where ' ~ conditions ~ ') as dbt_subquery') -%}
    {%- endif -%}
    {%- do return(relation) -%}
{%- endmacro %}
