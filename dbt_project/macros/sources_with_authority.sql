{% macro sources_with_authority() -%}
    {{- return(['amr_penalties', 'amr_serious_listings', 'amr_supervision_checks', 'samr_spot_checks']) -}}
{%- endmacro %}
