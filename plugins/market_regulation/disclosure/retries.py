"""What gives the retry schedule (1, 5, 15, 60 minutes, then hourly; domain.md 8.4) its clock: is anything due again?"""

import psycopg

from market_regulation import settings
from market_regulation.disclosure.batches import MAY_BE_TRIED, MAY_GO

# A batch whose outcome is unknown; rows that the next batch would take; rows whose answer is overdue. While a batch is
# unknown no other is made, so what waits behind it is not due before the batch is.
_DUE = """
select c.channel
from disclosure.channel as c
left join disclosure.batch as b on c.channel = b.channel and b.written_at is null
where c.enabled
    and (
        ({may_be_tried})
        or (b.batch_no is null and exists (select from disclosure.outbox as o where o.channel = c.channel and {may_go}))
        or exists (
            select from disclosure.outbox as o
            where o.channel = c.channel and o.state = 'sent' and o.next_try_at <= now()
        )
    )
order by c.channel
""".replace("{may_be_tried}", MAY_BE_TRIED).replace("{may_go}", MAY_GO)


def due() -> list[str]:
    """Return the enabled channels on which something is due to be tried again, in order of their names.

    Raises:
        psycopg.Error: The warehouse cannot be read.
    """
    with psycopg.connect(settings.dsn("warehouse", "publisher")) as warehouse:
        return [str(channel) for (channel,) in warehouse.execute(_DUE.encode())]
