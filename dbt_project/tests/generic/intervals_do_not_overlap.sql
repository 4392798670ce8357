{% test intervals_do_not_overlap(model, key, starts, ends) %}
select *
from (
    select
        {{ key }}, {{ starts }}, {{ ends }},
        lead({{ starts }}) over (partition by {{ key }} order by {{ starts }}, {{ ends }}) as next_start
    from {{ model }}
) as ordered
where next_start < {{ ends }} or {{ ends }} <= {{ starts }}
{% endtest %}
