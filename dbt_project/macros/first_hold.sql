{% macro first_hold(conditions, channel) -%}
    lateral (
        select
            c.hold_reason,
            reason.stops_clock,
            reason.when_public,
            reason.owner,
            reason.look_again_working_days
        from (
            values
            {% for reason, applies in conditions -%}
                ('{{ reason }}', {{ applies }}){{ ',' if not loop.last }}
            {% endfor %}
        ) as c (hold_reason, applies)
        left join {{ ref('int_hold_reasons_as_of_day') }} as reason on c.hold_reason = reason.hold_reason
        where c.applies and coalesce(reason.channels, 'any') in ('any', {{ channel }})
        order by reason.priority asc nulls last
        limit 1
    )
{%- endmacro %}
