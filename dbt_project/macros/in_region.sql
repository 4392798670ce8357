{% macro in_region(code, other_code, day) -%}
    {%- set lineage = ref('int_region_lineage') -%}
    exists (
        select 1
        from
        {%- for side in [code, other_code] %}
            (
                select coalesce(l.current_code, l.region_code) as region_code
                from {{ lineage }} as l
                where
                    l.region_code = {{ side }}
                    and (
                        {{ day }} < l.until
                        or not exists (
                            select 1 from {{ lineage }} as itself
                            where itself.region_code = l.region_code and itself.current_code = l.region_code
                        )
                    )
                union all
                select {{ side }} as region_code
                where not exists (select 1 from {{ lineage }} as l where l.region_code = {{ side }})
            ) as side_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
        where
            starts_with(side_1.region_code, regexp_replace(side_2.region_code, '(00){1,2}$', ''))
            or starts_with(side_2.region_code, regexp_replace(side_1.region_code, '(00){1,2}$', ''))
    )
{%- endmacro %}
