-- Grain: one 统一社会信用代码 that the register knew on known_day.
select n.uscc
from {{ ref('int_enterprise_names_as_of_day') }} as n
group by n.uscc
