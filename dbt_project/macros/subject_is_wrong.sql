{% macro subject_is_wrong(events, fact, store) -%}
    (
        {{ events }}.wrong_subject_known_on > {{ fact }}.known_from
        or (
            {{ events }}.wrong_subject_known_on = {{ fact }}.known_from
            and not exists (
                select 1
                from {{ store }} as earlier
                where earlier.source_key = {{ fact }}.source_key and earlier.known_from < {{ fact }}.known_from
            )
        )
    )
{%- endmacro %}
