{% macro mark_read(unread) -%}
    insert into {{ source('quality', 'delivery_read') }} (read_by, delivery_id)
    select '{{ this.identifier }}', u.delivery_id from {{ unread }} as u
{%- endmacro %}
