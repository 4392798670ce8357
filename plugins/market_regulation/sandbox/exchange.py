"""What the law-enforcement systems put down in the exchange database (schema ``submitted``, role submitter)."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple

import psycopg
from psycopg import sql

from market_regulation import settings
from market_regulation.sandbox.cases import Event, FollowUp
from market_regulation.sandbox.penalty_rows import COLUMNS, Row

KEY = ("document_no", "authority_uscc", "party_key")
_PUT_PENALTY = sql.SQL(
    "insert into submitted.penalty as p ({columns}, updated_at) values ({values}, %(updated_at)s)"
    " on conflict (document_no, authority_uscc, party_key)"
    " do update set ({columns}, updated_at) = ({new}, excluded.updated_at)"
    " where p.updated_at < excluded.updated_at"
).format(
    columns=sql.SQL(", ").join(map(sql.Identifier, COLUMNS)),
    values=sql.SQL(", ").join(map(sql.Placeholder, COLUMNS)),
    new=sql.SQL(", ").join(sql.Identifier("excluded", c) for c in COLUMNS),
)


class Submitter:
    """One transaction of the submitting systems; everything is recorded as of one moment.

    Writing the same again changes nothing, and an older day never overwrites a newer version.

    Attributes:
        penalty_keys: Keys of the rows put down, as written.
        event_ids: Numbers of the events put down, as written.
    """

    def __init__(self, connection: psycopg.Connection, recorded_at: dt.datetime) -> None:
        self._connection = connection
        self._recorded_at = recorded_at
        self.penalty_keys: list[tuple[str, ...]] = []
        self.event_ids: list[str] = []

    def put_penalties(self, rows: Sequence[Row]) -> None:
        """Insert penalty rows, or update those that are older."""
        self.penalty_keys += (tuple(row[column] for column in KEY) for row in rows)
        with self._connection.cursor() as cursor:
            cursor.executemany(_PUT_PENALTY, [row | {"updated_at": self._recorded_at} for row in rows])

    def put_events(self, events: Sequence[Event]) -> None:
        """Append case events."""
        self.event_ids += (event.event_id for event in events)
        with self._connection.cursor() as cursor:
            cursor.executemany(
                "insert into submitted.case_event"
                " (event_id, source_key, event_type, event_on, document_no, recorded_on)"
                " values (%s, %s, %s, %s, %s, %s) on conflict (event_id) do nothing",
                [(*astuple(event), self._recorded_at) for event in events],
            )

    def put_changes(self, follow_up: FollowUp) -> None:
        """Change columns of a penalty row that was put down on an earlier day."""
        key = follow_up.penalty_key or ()
        self.penalty_keys.append(key)
        assignments = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column)) for column in follow_up.changes
        )
        self._connection.execute(
            sql.SQL(
                "update submitted.penalty set {}, updated_at = %(updated_at)s"
                " where (document_no, authority_uscc, party_key) = (%(document_no)s, %(authority_uscc)s, %(party_key)s)"
                " and updated_at < %(updated_at)s"
            ).format(assignments),
            {
                **follow_up.changes,
                **dict(zip(KEY, key, strict=True)),
                "updated_at": self._recorded_at,
            },
        )


@contextmanager
def submitter(recorded_at: dt.datetime) -> Iterator[Submitter]:
    """Open the exchange as the submitting systems; commits at the end.

    Args:
        recorded_at: Moment written as ``updated_at`` and ``recorded_on``.

    Raises:
        settings.SettingMissingError: The exchange database is not known.
        psycopg.Error: The exchange refused something; nothing of it was kept.
    """
    with psycopg.connect(settings.dsn("exchange", "submitter")) as connection:
        yield Submitter(connection, recorded_at)
