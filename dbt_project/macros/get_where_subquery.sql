{% macro get_where_subquery(relation) -%}
    {%- set rows = 'select * from ' ~ relation if var('every_row') else lately_touched(relation) -%}
    {%- if config.get('where') -%}
        {%- do return('(select * from (' ~ rows ~ ') as touched where ' ~ config.get('where') ~ ') as dbt_subquery') -%}
    {%- endif -%}
    {%- do return('(' ~ rows ~ ') as dbt_subquery') -%}
{%- endmacro %}
