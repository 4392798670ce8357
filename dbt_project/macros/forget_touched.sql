{% macro forget_touched(versions, source, key) -%}
    {%- if is_incremental() -%}
        create temporary table touched_{{ this.identifier }} on commit drop as
        with new_deliveries as (
            select d.delivery_id
            from {{ ref('stg_platform__deliveries') }} as d
            where
                d.source = '{{ source }}'
                and d.accepted_rows > 0
                and not exists (select from {{ this }} as t where t.source_delivery_id = d.delivery_id)
        ),

        moved as (
            select distinct v.source_key
            from {{ versions }} as v
            where v.delivery_id in (select n.delivery_id from new_deliveries as n)
        )

        {# A correction may name another key than the row before it: both are touched. #}
        select distinct v.{{ key }}
        from {{ versions }} as v
        where v.source_key in (select m.source_key from moved as m);

        analyze touched_{{ this.identifier }};

        delete from {{ this }} as t
        where t.{{ key }} in (select k.{{ key }} from touched_{{ this.identifier }} as k)
    {%- endif -%}
{%- endmacro %}
