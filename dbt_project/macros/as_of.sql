{% macro as_of(relation, valid_day, known_day) -%}
    (
        select versions.*
        from {{ relation }} as versions
        where
            {% if valid_day -%}
                versions.valid_from <= {{ valid_day }} and {{ valid_day }} < versions.valid_to and
            {% endif -%}
            versions.known_from <= {{ known_day }} and {{ known_day }} < versions.known_to
    )
{%- endmacro %}
