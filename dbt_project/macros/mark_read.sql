{% macro mark_read(unread) -%}
    insert into quality.delivery_read (read_by, delivery_id)
    select '{{ this.identifier }}', u.delivery_id from {{ unread }} as u
{%- endmacro %}
