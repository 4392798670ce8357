{% macro mark_read() -%}
    insert into quality.delivery_read (read_by, delivery_id)
    select '{{ this.identifier }}', u.delivery_id from unread_{{ this.identifier }} as u
{%- endmacro %}
