{% test filled(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
where num_nulls({{ columns | join(', ') }}) > 0
{% endtest %}
