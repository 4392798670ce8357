{% macro head_company(comparable_name) -%}
    substring(
        {{ comparable_name }}
        from '^(.+?(?:公司|银行(?!股份)|合作联社)).+(?:分公司|支公司|分行|支行|分社|分理处|店|部|厅|厂|处|所)$'
    )
{%- endmacro %}
