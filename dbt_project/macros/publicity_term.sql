{% macro publicity_term(term) -%}
    {{ term }}.regime_id,
    {{ term }}.scheme,
    {{ term }}.selector as regime_selector,
    {{ term }}.valid_from as regime_valid_from,
    {{ term }}.clock_start,
    {{ term }}.min_months,
    {{ term }}.max_months as publicity_months,
    {{ term }}.auto_stop and not {{ term }}.needs_performance as stops_itself,
    coalesce({{ term }}.stops_related, false) as stops_related,
    null::date as restricted_until,
    false as is_severe
{%- endmacro %}
