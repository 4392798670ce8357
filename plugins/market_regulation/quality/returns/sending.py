"""Answering submitters: every decided delivery with rejected rows gets its return file, every refused one a notice.

Files lie in ``<home>/returns/<source>/<profile>/``, folders open to their owner only: they hold personal data, which is
the submitter's own. What is due is a query, and a file is put in its place before it is entered in
``quality.return_file``; killed at any point, a repeated call writes the same bytes.
"""

import logging
from pathlib import Path

import psycopg
from psycopg.rows import class_row

from market_regulation import settings
from market_regulation.quality.returns.decided import Decided
from market_regulation.quality.returns.notice import fill_notice
from market_regulation.quality.returns.rejected_rows import fill_rejected
from market_regulation.quality.returns.workbook import write_workbook
from market_regulation.quality.suite import Suite, load_suite
from market_regulation.sources.contract import Source
from market_regulation.sources.returned_name import refused_name, return_name

log = logging.getLogger(__name__)
NO_PROFILE = "_"  # no profile is called so


def send_back(source: Source) -> list[Path]:
    """Write every return file and notice that is due for the source; return their paths.

    A notice is taken back once its delivery has been loaded after all.
    """
    suite = load_suite(source)
    written = []
    with psycopg.connect(settings.dsn("warehouse", "loader"), autocommit=True) as connection:
        _say_owner(connection, source)
        for (delivery_id,) in connection.execute(_DUE_IDS, (source.source,)).fetchall():
            with connection.transaction():
                connection.execute("set local lock_timeout = '20min'")
                connection.execute("select from landing.delivery where delivery_id = %s for update", (delivery_id,))
                with connection.cursor(row_factory=class_row(Decided)) as cursor:
                    decided = cursor.execute(_DUE, (delivery_id,)).fetchone()
                if decided:
                    written.append(_answer(connection, source, suite, decided))
        for (path,) in connection.execute(_OUTLIVED_NOTICES, (source.source,)).fetchall():
            (settings.returns() / path).unlink(missing_ok=True)
    return written


def _answer(connection: psycopg.Connection, source: Source, suite: Suite, decided: Decided) -> Path:
    folder = _private_folder(source.source, decided.profile or NO_PROFILE)
    if decided.status == "loaded":
        path = folder / return_name(decided.file_name, decided.profile, decided.delivery_id)
        sha256 = write_workbook(path, lambda book: fill_rejected(book, connection, source, suite, decided))
    else:
        path = folder / refused_name(decided.file_name, decided.delivery_id)
        sha256 = write_workbook(path, lambda book: fill_notice(book, connection, decided))
    connection.execute(
        "insert into quality.return_file (event_id, delivery_id, path, sha256, rows) values (%s, %s, %s, %s, %s)",
        (decided.event_id, decided.delivery_id, str(path.relative_to(settings.returns())), sha256,
         decided.quarantined_rows),
    )  # fmt: skip
    log.info(
        "%s delivery %d: %d rejected rows sent back in %s",
        source.source, decided.delivery_id, decided.quarantined_rows, path,
    )  # fmt: skip
    return path


def _private_folder(*parts: str) -> Path:
    folder = settings.returns()
    for part in ("", *parts):
        folder = folder / part
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    return folder


def _say_owner(connection: psycopg.Connection, source: Source) -> None:
    """Enter who answers for the source, where the view of open rows finds it."""
    connection.execute(
        """
        insert into quality.source_owner as o (source, title, owner, correction_days) values (%s, %s, %s, %s)
        on conflict (source) do update
        set title = excluded.title, owner = excluded.owner, correction_days = excluded.correction_days
        where (o.title, o.owner, o.correction_days)
              is distinct from (excluded.title, excluded.owner, excluded.correction_days)
        """,
        (source.source, source.title, source.owner, source.correction_days),
    )


_WAITING = """
    from landing.delivery as d
    cross join lateral (
        select max(e.event_id) as event_id from landing.delivery_event as e
        where e.delivery_id = d.delivery_id and e.status = d.status
    ) as verdict
    where (d.status = 'blocked' or d.status = 'loaded' and d.quarantined_rows > 0)
      and not exists (select from quality.return_file as f where f.event_id = verdict.event_id)
"""
_DUE_IDS = f"select d.delivery_id {_WAITING} and d.source = %s order by d.delivery_id"
_DUE = f"""
    select verdict.event_id, d.delivery_id, d.submitter, d.profile, d.uri, d.business_day, d.status, d.message,
           d.received_rows, d.accepted_rows, d.quarantined_rows, d.duplicate_rows
    {_WAITING} and d.delivery_id = %s
"""
_OUTLIVED_NOTICES = """
    select f.path from quality.return_file as f
    join landing.delivery_event as e on e.event_id = f.event_id and e.status = 'blocked'
    join landing.delivery as d on d.delivery_id = f.delivery_id and d.status = 'loaded'
    where d.source = %s
"""
