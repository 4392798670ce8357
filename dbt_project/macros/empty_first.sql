{% macro empty_first() -%}
    {% if is_incremental() %}delete from {{ this }}{% endif %}
{%- endmacro %}
