"""A throw-away warehouse: rows are put where landing leaves accepted rows, and dbt is run in this process."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from dbt.cli.main import dbtRunner, dbtRunnerResult
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.json import Jsonb

from market_regulation import settings
from market_regulation.database.calendar import load_calendar
from market_regulation.database.migrate import DDL
from market_regulation.database.regions import load_regions
from market_regulation.embedded.private_file import read_json
from market_regulation.embedded.roles import ADMIN, MAY_CREATE_TEMPORARY_TABLES
from market_regulation.landing.loading import prepare
from market_regulation.sources.catalog import find_source, load_sources

Row = Mapping[str, str | None]
PROJECT = settings.project_root() / "dbt_project"


class Warehouse:
    """The warehouse database of these tests, reached as any of the platform's roles and as superuser."""

    def __init__(self, uri: Callable[[str], str], folder: Path) -> None:
        """Take the connection URI by role name, and a folder for what dbt writes."""
        self.uri = uri
        self.folder = folder
        self.runner = dbtRunner()
        self.admin = psycopg.connect(uri("postgres"), autocommit=True)

    def deliver(self, source: str, day: dt.date, rows: Sequence[Row]) -> int:
        """Land one delivery of which every row is accepted; return its number.

        Args:
            source: Source word of a contract.
            day: Business day from which the rows count as known.
            rows: Texts as the first profile of the contract writes them, by column; columns left out are null.
        """
        contract = find_source(source)
        prepare(contract, day)
        delivery_id = self.value(
            """
            insert into landing.delivery (
                source, submitter, profile, uri, arrival, sha256, bytes, announced_rows, received_rows, accepted_rows,
                quarantined_rows, duplicate_rows, blocked_rows, status, business_day
            )
            values (%(source)s, 'hand', %(profile)s, 'hand:' || %(source)s, gen_random_uuid(), gen_random_uuid(), 0,
                    %(rows)s, %(rows)s, %(rows)s, 0, 0, 0, 'loaded', %(day)s)
            returning delivery_id
            """,
            source=source,
            profile=next(iter(contract.profiles)),
            rows=len(rows),
            day=day,
        )
        columns = list({column: None for row in rows for column in row})
        self.admin.execute(
            sql.SQL(
                "insert into {table} (business_day, delivery_id, row_no, {columns})"
                " select %s, %s, line.number, {values}"
                " from jsonb_array_elements(%s) with ordinality as line (record, number)"
                " cross join lateral jsonb_populate_record(null::{table}, line.record) as delivered"
            ).format(
                table=sql.Identifier("landing", source),
                columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
                values=sql.SQL(", ").join(sql.Identifier("delivered", column) for column in columns),
            ),
            (day, delivery_id, Jsonb(rows)),
        )
        return int(delivery_id)

    def publish(self, source_key: str) -> None:
        """Write what `disclose` writes for a record due on GSXT: payload, ledger row, the receiver's receipt.

        Args:
            source_key: Pattern of the fact's own key, which fits one record.
        """
        found = self.admin.execute(
            """
            with due as (select * from marts.disclosure_due where source_key like %(source_key)s and channel = 'gsxt'),
            payload as (insert into disclosure.payload select payload_sha256, payload from due returning payload_sha256)
            insert into disclosure.record (
                record_id, version, op, origin, record_type, channel, subject_key, uscc, source_delivery_id,
                source_row_no, business_day, rule_id, regime_id, due_on, payload_sha256, served_sha256, entered_by
            )
            select record_id, 1, 'UPSERT', 'PLATFORM', record_type, channel, subject_key, uscc, source_delivery_id,
                source_row_no, '2026-03-17', rule_id, regime_id, due_on, p.payload_sha256, served_sha256, 'platform'
            from due cross join payload as p
            returning record_id
            """,
            {"source_key": source_key},
        ).fetchall()
        self.admin.execute(
            "insert into disclosure.receipt (receipt_id, channel, batch_no, record_id, version, verdict, published_on,"
            " business_day) values ('R1', 'gsxt', 'B1', %s, 1, 'accepted', '2026-03-17', '2026-03-17')",
            found[0],
        )

    def set_days(self, valid_day: dt.date, known_day: dt.date) -> None:
        """Work for ``valid_day`` with what was known on ``known_day``."""
        self.admin.execute("update control.business_day set business_day = %s, known_day = %s", (valid_day, known_day))

    def dbt(self, *arguments: str) -> dbtRunnerResult:
        """Run dbt as the transformer; every warning is a failure. The result says what each node came to."""
        paths = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--log-path", str(self.folder))
        target = ("--target-path", str(self.folder / "target"), "--quiet", "--log-level-file", "none")
        return self.runner.invoke([*arguments, *paths, *target])

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query, as superuser."""
        return self.admin.execute(query.encode(), values).fetchall()

    def value(self, query: str, **values: Any) -> Any:
        """Return the first value of the first row of a query, as superuser."""
        return self.rows(query, **values)[0][0]

    def content(self, table: str, where: str = "true") -> str:
        """Return all rows of a table as text, byte for byte, in an order of their own."""
        return str(self.value(f"select string_agg(t::text, E'\\n' order by t::text) from {table} as t where {where}"))

    def figures(self) -> list[tuple[str, ...]]:
        """Metric, day, region, numerator and denominator of every figure of ``marts.metric_daily``."""
        return self.rows(
            "select metric, day::text, region, numerator::float::text, denominator::float::text from marts.metric_daily"
            " order by metric, day, region"
        )

    def counts(self) -> dict[str, int]:
        """Return the number of rows of every mart."""
        tables = self.rows("select table_name from information_schema.tables where table_schema = 'marts'")
        return {table: self.value(f"select count(*) from marts.{table}") for (table,) in tables}

    def verdicts_as_text(self, valid_day: dt.date, known_day: dt.date) -> str:
        """Return what ``marts.fct_verdict`` says of a pair of days, byte for byte."""
        return self.content("marts.fct_verdict", f"valid_day = '{valid_day}' and known_day = '{known_day}'")

    def verdicts(self, valid_day: dt.date, known_day: dt.date, rules: str = "^(?!CREDIT|GSXT-CCC)") -> dict[str, str]:
        """Return verdict (for HELD its reason) by the readable part of the subject's key, for a pair of days.

        ``rules`` is a regular expression; unless said otherwise the rules of 信用中国 and the
        disclosure of CCC checks are left out, whose subjects have another verdict.
        """
        found = self.rows(
            "select split_part(subject_key, '〔', 1), verdict, reason from marts.fct_verdict"
            " where valid_day = %(valid_day)s and known_day = %(known_day)s and rule_id ~ %(rules)s",
            valid_day=valid_day,
            known_day=known_day,
            rules=rules,
        )
        return {key: reason if verdict == "HELD" else verdict for key, verdict, reason in found}


@contextlib.contextmanager
def throw_away_warehouse(name: str, folder: Path, prepared_for: dt.date) -> Iterator[Warehouse]:
    """A database of the embedded server with the platform's tables and the views of every source, and no row.

    Args:
        name: Name of the database, dropped at the end.
        folder: For what dbt writes.
        prepared_for: Business day for which every source has its partition.
    """
    passwords = read_json(settings.home() / "postgres" / "passwords.json")
    known = settings.dsn("warehouse", "owner")

    def uri(role: str) -> str:
        return make_conninfo(known, user=role, password=passwords[role], dbname=name)

    with psycopg.connect(make_conninfo(uri(ADMIN), dbname="postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        admin.execute(sql.SQL("revoke temporary on database {} from public").format(sql.Identifier(name)))
        admin.execute(
            sql.SQL("grant temporary on database {} to {}").format(
                sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, sorted(MAY_CREATE_TEMPORARY_TABLES)))
            )
        )
    with psycopg.connect(uri(ADMIN)) as connection:
        for file in sorted((DDL / "warehouse").glob("*.sql")):
            connection.execute(file.read_bytes())
        load_calendar(connection)
        load_regions(connection)
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in dbt_environment(uri("transformer")).items():
            patch.setenv(variable, value)
        with pytest.MonkeyPatch.context() as for_loading:  # the other folders' loader works on another database
            for_loading.setenv("WAREHOUSE_LOADER_URI", uri("loader"))
            for source in load_sources():
                prepare(source, prepared_for)
        warehouse = Warehouse(uri, folder)
        yield warehouse
        warehouse.admin.close()
    with psycopg.connect(make_conninfo(uri(ADMIN), dbname="postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def dbt_environment(uri: str) -> dict[str, str]:
    """Return the environment variables by which ``profiles.yml`` finds the warehouse."""
    parts = conninfo_to_dict(uri)
    names = {"DBT_HOST": "host", "DBT_PORT": "port", "DBT_USER": "user", "DBT_PASSWORD": "password"}
    return {name: str(parts[part]) for name, part in {**names, "DBT_DBNAME": "dbname"}.items()}


def failures(result: dbtRunnerResult) -> list[str]:
    """Name the nodes that did not end well, with dbt's message; empty when all did."""
    if result.exception is not None:
        return [str(result.exception)]
    return [
        f"{node.node.unique_id}: {node.status} {node.message}"
        for node in result.result
        if node.status not in ("success", "pass", "no-op")  # an exposure runs nothing
    ]
