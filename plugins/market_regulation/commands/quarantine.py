"""``make quarantine [SOURCE=x]``: what waits for its submitters, and what they sent this month."""

import argparse

import psycopg

from market_regulation import business_day, settings
from market_regulation.commands.summary import table
from market_regulation.embedded import postgres

OPEN = """
    select delivery_id, source, submitter, owner, open_rows, age_working_days, overdue, reasons, return_file
      from quality.open_quarantine
     where %(source)s::text is null or source = %(source)s
     order by source, submitter, delivery_id
"""

SENT = """
    select source || ' · ' || coalesce(nullif(submitter, ''), 'unknown'),
           sum(received_rows)::bigint,
           sum(quarantined_rows)::bigint,
           sum(blocked_rows)::bigint,
           coalesce(round(100.0 * sum(quarantined_rows) / nullif(sum(received_rows - blocked_rows), 0), 2)::text, '-')
      from landing.delivery
     where status in ('loaded', 'blocked')
       and business_day between date_trunc('month', %(day)s::date) and %(day)s
       and (%(source)s::text is null or source = %(source)s)
     group by source, submitter
     order by 1
"""


def main(arguments: list[str]) -> int:
    """Print each delivery with open rows, its reasons and return file, and the month's rates per submitter."""
    parser = argparse.ArgumentParser(prog="quarantine", description=__doc__)
    parser.add_argument("--source", help="name of a contract; default: every source")
    chosen = parser.parse_args(arguments)
    if not postgres.is_running():
        postgres.start()
    with psycopg.connect(settings.dsn("warehouse", "owner")) as connection:
        print(report(connection, chosen.source))
    return 0


def report(connection: psycopg.Connection, source: str | None) -> str:
    """Return the report as text, for the business day the platform works for."""
    day = business_day.get(connection)
    asked = {"source": source, "day": day}
    waiting = connection.execute(OPEN, asked).fetchall()
    lines = [f"Rejected rows that wait for their submitter on {day}"]
    for delivery_id, name, submitter, owner, rows, age, overdue, reasons, file in waiting:
        lines.append(
            f"  {name} · {submitter} · delivery {delivery_id}: {rows} rows, {age} working days"
            f"{' (OVERDUE)' if overdue else ''}, owner {owner or 'unknown'}"
        )
        lines.append(f"    {'; '.join(reasons[:5])}")
        lines.append(f"    {settings.returns() / file if file else 'not sent back yet: run `make ingest`'}")
    if not waiting:
        lines.append("  none")
    headings = ("source · submitter", "received", "rejected", "blocked", "rate %")
    sent = connection.execute(SENT, asked).fetchall()
    return "\n".join([*lines, "", table(f"Received from {day.replace(day=1)} to {day}", headings, sent)])
