{% macro in_readers_region(columns) -%}
    (
        not pg_has_role(current_user, 'bi_region_reader', 'usage')
        or pg_has_role(current_user, 'bi_reader', 'usage')
        {%- for column in columns %}
            or {{ column }} in (select own.region_code from control.readable_region as own)
        {%- endfor %}
    )
{%- endmacro %}
