"""A throw-away warehouse: rows are put where landing leaves accepted rows, and dbt is run in this process."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
from dbt.cli.main import dbtRunner, dbtRunnerResult
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from market_regulation import settings
from market_regulation.landing.loading import prepare
from market_regulation.sources.catalog import find_source

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
        for row_no, row in enumerate(rows, start=1):
            self._insert(source, {**row, "business_day": day, "delivery_id": delivery_id, "row_no": row_no})
        return int(delivery_id)

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

    def _insert(self, source: str, values: Mapping[str, Any]) -> None:
        self.admin.execute(
            sql.SQL("insert into {} ({}) values ({})").format(
                sql.Identifier("landing", source),
                sql.SQL(", ").join(map(sql.Identifier, values)),
                sql.SQL(", ").join(map(sql.Placeholder, values)),
            ),
            values,
        )


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
