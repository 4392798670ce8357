{% macro newest_name(organisation, named) -%}
    select distinct on (n.{{ organisation }}_uscc)
        n.{{ organisation }}_uscc,
        n.{{ organisation }}_name,
        {{ region_of_code('n.' ~ organisation ~ '_uscc') }} as region_code,
        min(n.first_named_on) over every_naming as first_named_on,
        max(n.last_named_on) over every_naming as last_named_on,
        n.delivery_id as source_delivery_id,
        n.row_no as source_row_no
    from {{ named }} as n
    where n.{{ organisation }}_uscc is not null
    window every_naming as (partition by n.{{ organisation }}_uscc)
    order by
        n.{{ organisation }}_uscc asc,
        n.{{ organisation }}_name is null asc,
        n.last_named_on desc,
        n.delivery_id desc,
        n.row_no desc
{%- endmacro %}
