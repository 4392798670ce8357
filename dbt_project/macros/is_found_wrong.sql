{% macro is_found_wrong(events, fact, store) -%}
    (
        {{ events }}.found_wrong_known_on > {{ fact }}.known_from
        or (
            {{ events }}.found_wrong_known_on = {{ fact }}.known_from
            and not exists (
                select 1
                from {{ store }} as earlier
                where earlier.source_key = {{ fact }}.source_key and earlier.known_from < {{ fact }}.known_from
            )
        )
    )
{%- endmacro %}
