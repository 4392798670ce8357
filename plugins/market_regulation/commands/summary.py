"""What a business day came to: rows per source, records per channel, and where to look."""

import datetime as dt

import psycopg

from market_regulation import settings

ROWS = """
    select source,
           coalesce(sum(received_rows), 0)::bigint,
           coalesce(sum(accepted_rows), 0)::bigint,
           coalesce(sum(quarantined_rows), 0)::bigint,
           coalesce(sum(duplicate_rows), 0)::bigint,
           coalesce(sum(blocked_rows), 0)::bigint,
           count(*) filter (where status in ('loading', 'failed'))
      from landing.delivery
     where business_day = %s
     group by source
     order by source
"""

# Due: what must be or be made public as of the day. Acknowledged: versions the receiver has confirmed.
RECORDS = """
    select o.channel,
           count(*) filter (where o.state in ('DUE', 'SENT', 'REJECTED', 'PUBLISHED')),
           count(*) filter (where o.state = 'PUBLISHED'),
           (select count(*) from disclosure.receipt as r
             where r.channel = o.channel and r.verdict in ('accepted', 'duplicate')),
           count(*) filter (where o.state = 'HELD'),
           count(*) filter (where o.state in ('WITHDRAWN', 'STOPPED'))
      from disclosure.obligation as o
     group by o.channel
     order by o.channel
"""


def table(title: str, headings: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    """Lay out rows under headings, first column left, figures right."""
    cells = [headings, *[tuple(str(value) for value in row) for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]
    lines = [
        "  ".join(
            value.ljust(width) if i == 0 else value.rjust(width)
            for i, (value, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]
    return "\n".join([title, *("  " + line for line in lines)])


def day_summary(day: dt.date) -> str:
    """Return both tables of a business day as text."""
    with psycopg.connect(settings.dsn("warehouse", "owner")) as connection:
        rows = connection.execute(ROWS, (day,)).fetchall()
        records = connection.execute(RECORDS).fetchall()
    return "\n\n".join(
        (
            table(
                f"Rows received on {day}",
                ("source", "received", "accepted", "quarantined", "duplicate", "blocked", "unfinished"),
                rows,
            ),
            table(
                f"Records as of {day}",
                ("channel", "due", "published", "acknowledged", "held", "withdrawn or ended"),
                records,
            ),
        )
    )
