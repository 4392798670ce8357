{% macro list_unread(sources) -%}
    {%- set name = this.identifier -%}
    {%- if not is_incremental() -%}
        delete from quality.delivery_read where read_by = '{{ name }}';
    {%- endif %}
    create temporary table unread_{{ name }} on commit drop as
    select d.delivery_id
    from {{ ref('stg_platform__deliveries') }} as d
    where
        not exists (
            select from {{ ref('stg_platform__deliveries_read') }} as r
            where r.read_by = '{{ name }}' and r.delivery_id = d.delivery_id
        )
        {# One that landed after the versions were written waits for the next build. Order and limit make it a look-up. #}
        and case d.source
            {%- for source in sources %}
                when '{{ source }}' then (
                    select true from {{ ref(versions_of()[source]) }} as v
                    where v.delivery_id = d.delivery_id
                    order by v.row_no
                    limit 1
                )
            {%- endfor %}
        end;

    analyze unread_{{ name }};
{%- endmacro %}
