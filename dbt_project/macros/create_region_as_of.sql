{% macro create_region_as_of() -%}
    {%- set region = ref('dim_region') -%}
    {%- set successor = ref('dim_region_successor') -%}
    {%- if execute and flags.WHICH in ('build', 'run') and load_relation(region) and load_relation(successor) %}
        create or replace function {{ region.schema }}.region_as_of(valid_day date, known_day date)
        returns table (
            region_code text, region_name text, region_level text, province_code text,
            is_in_force boolean, successor_codes text []
        )
        language sql stable security invoker
        as $$
            select distinct on (r.region_code)
                r.region_code, r.region_name, r.region_level, r.province_code, $1 < r.valid_to,
                array(
                    select s.successor_code
                    from {{ successor }} as s
                    where
                        s.region_code = r.region_code and s.valid_from <= $1
                        and s.known_from <= $2 and $2 < s.known_to
                    order by s.is_main desc, s.successor_code
                )
            from {{ region }} as r
            where r.valid_from <= $1
            order by r.region_code, r.valid_from desc
        $$;
    {%- endif -%}
{%- endmacro %}
