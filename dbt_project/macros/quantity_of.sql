{% macro quantity_of(text) -%}
    {#- (?![xXeE][0-9]): 3x2 and 1E3 are no number with a unit. -#}
    {%- set term = '(?![xXeE][0-9])[A-Za-zΑ-Ωα-ωΩµ%‰℃°]+[23²³]?' -%}
    {%- set number = '[-+]?[0-9]{1,20}(?:[.][0-9]{1,10})?' -%}
    {%- set unit = term ~ '(?:[/·](?:10{1,3})?' ~ term ~ ')*' -%}
    regexp_match(
        translate({{ text }}, '＜＞≦≧～－．％／　０１２３４５６７８９', '<>≤≥~-.%/ 0123456789'),
        '^\s*(≤|≥|<=|>=|<|>|±)?\s*({{ number }})(?:\s*[-~]\s*({{ number }}))?\s*({{ unit }})?\s*$'
    )
{%- endmacro %}
