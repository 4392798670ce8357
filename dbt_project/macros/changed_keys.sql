{% macro changed_keys(versions, source) -%}
    {%- set deliveries = ref('stg_platform__deliveries') -%}
    {%- if is_incremental() -%}
        source_key in (
            select changed.source_key
            from {{ versions }} as changed
            where changed.delivery_id in (
                select d.delivery_id
                from {{ deliveries }} as d
                where
                    d.source = '{{ source }}'
                    and not exists (select 1 from {{ this }} as known where known.source_delivery_id = d.delivery_id)
            )
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
