{% macro forget_recounted() -%}
    {% if is_incremental() %}
        delete from {{ this }}
        where
            (metric, day) in (
                select t.metric, t.day from {{ ref('int_metric_days_touched') }} as t where not t.is_counted
            )
            or metric in (select m.metric from {{ ref('metric') }} as m where m.kind = 'due')
            or (
                day = (select d.valid_day from {{ ref('int_as_of_day') }} as d where d.valid_day = d.known_day)
                and metric in (select m.metric from {{ ref('metric') }} as m where m.kind = 'stock')
            )
    {% endif %}
{%- endmacro %}
