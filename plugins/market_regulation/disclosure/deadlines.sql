-- What nears its legal due date and is not settled. Grain: one record with an open operation, or due or held without one.
-- Sources: disclosure.outbox and record, the work list (owner, and what was never sent), control.calendar_day.
-- half: half of the working days between the decision to send (of what was never sent: the day it became known) and the
-- due date are over. last: today is the last working day before the due date, or the due date itself. overdue: it has
-- passed. A withdrawal has the due date of its reason.
with
today as (
    select business_day from control.business_day
),

operation as (
    select
        o.record_id,
        o.channel,
        o.state,
        r.business_day as began_on,
        r.due_on
    from disclosure.outbox as o
    inner join disclosure.record as r using (record_id, version)
),

open_item as (
    select o.*, coalesce(w.owner, 'data_office') as owner
    from operation as o
    left join {worklist} as w on o.record_id = w.record_id
    union all
    select w.record_id, w.channel, lower(w.state), w.known_on, w.due_on, coalesce(w.owner, 'data_office')
    from {worklist} as w
    where w.due_on is not null
        and w.state in ('DUE', 'HELD')
        and not exists (select from operation as o where o.record_id = w.record_id)
),

counted as (
    select
        i.*,
        t.business_day as today,
        (
            select count(*) from control.calendar_day as c
            where c.is_working_day and c.calendar_date > i.began_on and c.calendar_date <= i.due_on
        ) as days_in_all,
        (
            select count(*) from control.calendar_day as c
            where c.is_working_day and c.calendar_date > t.business_day and c.calendar_date <= i.due_on
        ) as days_left
    from open_item as i
    cross join today as t
)

select
    owner,
    channel,
    record_id,
    state,
    due_on,
    case
        when due_on < today then 'overdue'
        when days_left <= 1 then 'last'
        else 'half'
    end as alarm
from counted
where days_left <= 1 or days_left * 2 <= days_in_all
order by due_on, owner, record_id
