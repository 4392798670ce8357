{% macro mark_archive_read() -%}
    insert into {{ source('quality', 'archive_delivery_read') }} (delivery_id)
    select u.delivery_id from {{ ref('int_archive_deliveries_unread') }} as u
{%- endmacro %}
