{% macro mark_register_read() -%}
    insert into {{ source('quality', 'subject_register_read') }} (delivery_id)
    select u.delivery_id from {{ ref('int_register_deliveries_unread') }} as u
{%- endmacro %}
