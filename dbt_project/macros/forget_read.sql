{% macro forget_read() -%}
    delete from quality.delivery_read where read_by = '{{ this.identifier }}'
{%- endmacro %}
