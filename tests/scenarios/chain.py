"""The whole chain of one business day in throw-away databases: landing rows, dbt, plan, deliver, receipts, reconcile.

Rows are put where landing leaves accepted rows; dbt runs in this process with a manifest parsed once, and on each day
only those tables are built that read something that changed. The receiver of the sandbox turns in a thread.
"""

import datetime as dt
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from dbt.cli.main import dbtRunner
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.json import Jsonb

from market_regulation import failpoints, settings
from market_regulation.disclosure import deliver, plan, public_documents, receipts, reconcile
from market_regulation.disclosure.channels.contract import InventoryUnansweredError
from market_regulation.landing.loading import ensure_table, prepare
from market_regulation.sandbox.receiver import Receiver
from market_regulation.sandbox.receiver_exchange import ExchangeDoor
from market_regulation.sources.catalog import find_source

Row = Mapping[str, str | None]
PROJECT = settings.project_root() / "dbt_project"
MARTS = ("disclosure_due", "disclosure_held", "disclosure_ended")
EVERY_DAY = {"source.market_regulation.control.business_day"}
ROUNDS = 5  # a version may wait for the one before it


class Shown(NamedTuple):
    """One record as the public sees it, or saw it last."""

    version: int
    op: str
    payload: dict[str, Any]
    published_on: dt.date | None
    visible: bool


class Chain:
    """Warehouse, exchange and receiver of these tests, and a day's work in them."""

    def __init__(self, admin_uri: Callable[[str], str], folder: Path) -> None:
        """Take the superuser's connection URI by database name, and a folder for what dbt writes."""
        self.admin = psycopg.connect(admin_uri("warehouse"), autocommit=True)
        self.public_copy = psycopg.connect(admin_uri("receiver"), autocommit=True)
        self.folder = folder
        self.seconds: dict[dt.date, float] = {}
        self.answers: dict[str, str] = {}  # record -> what a person says to it: approved, if nothing is named here
        self._prepared: set[str] = set()
        self._months: set[tuple[str, dt.date]] = set()
        self._changed: set[str] = set()
        self.runner = dbtRunner(manifest=dbtRunner().invoke([*self._arguments("parse")]).result)
        self._models = Models(self.runner.manifest)

    def close(self) -> None:
        """Close every connection."""
        self.admin.close()
        self.public_copy.close()

    # what the sources say

    def deliver(self, source: str, day: dt.date, rows: Sequence[Row]) -> None:
        """Land one delivery of which every row is accepted and known from ``day`` on.

        Args:
            source: Source word of a contract.
            day: Business day of the delivery.
            rows: Texts as the first profile of the contract writes them, by column; columns left out are null.
        """
        contract = self._prepare(source, day)
        ((delivery_id,),) = self.admin.execute(
            """
            insert into landing.delivery (
                source, submitter, profile, uri, arrival, sha256, bytes, announced_rows, received_rows, accepted_rows,
                quarantined_rows, duplicate_rows, blocked_rows, status, business_day
            )
            values (%(source)s, 'hand', %(profile)s, 'hand:' || %(source)s, gen_random_uuid(), gen_random_uuid(), 0,
                    %(rows)s, %(rows)s, %(rows)s, 0, 0, 0, 'loaded', %(day)s)
            returning delivery_id
            """,
            {"source": source, "profile": next(iter(contract.profiles)), "rows": len(rows), "day": day},
        ).fetchall()
        columns = sorted({column for row in rows for column in row})
        names = sql.SQL(", ").join(map(sql.Identifier, ("business_day", "delivery_id", "row_no", *columns)))
        into = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier("landing", source), names)
        with self.admin.cursor() as cursor, cursor.copy(into) as copy:
            for row_no, row in enumerate(rows, start=1):
                copy.write_row((day, delivery_id, row_no, *map(row.get, columns)))
        self._changed.add(source)

    def store_document(self, sha256: str, media_type: str, content: bytes) -> None:
        """Put a document into the landing store."""
        self.admin.execute(
            "insert into landing.document values (%s, %s, %s) on conflict do nothing", [sha256, media_type, content]
        )

    def rule(self, seed: str, **columns: Any) -> None:
        """Add one rule row beside those of the seeds."""
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        marks = sql.SQL(", ").join(sql.Placeholder() * len(columns))
        statement = sql.SQL("insert into {} ({}) values ({})").format(sql.Identifier("rules", seed), names, marks)
        self.admin.execute(statement, list(columns.values()))

    def _prepare(self, source: str, day: dt.date) -> Any:
        contract = find_source(source)
        if source not in self._prepared:
            prepare(contract, day)
            self._prepared.add(source)
        elif (source, day.replace(day=1)) not in self._months:
            with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
                ensure_table(connection, contract, day)
        self._months.add((source, day.replace(day=1)))
        return contract

    # a day

    def first_build(self, sources: Sequence[str], day: dt.date) -> None:
        """Make seeds, views and empty tables, for sources without a row."""
        for source in sources:
            self._prepare(source, day)
        self._set_day(day)
        self._dbt("seed")
        self._dbt("run", "--select", *(f"+{mart}" for mart in (*MARTS, "obligation")))

    def build(self, day: dt.date) -> None:
        """Build what depends on the day and on the sources that delivered since the last build."""
        self._set_day(day)
        public_documents.inspect(day)
        self.admin.execute("analyze")
        self._dbt("run", "--select", *self._models.to_build(self._changed))
        self._changed.clear()

    def report(self, *models: str) -> None:
        """Build reports that no day's work needs."""
        self._dbt("run", "--select", *models)

    def work(self, day: dt.date) -> None:
        """Do everything a business day asks for, with a working receiver; questions are answered with yes."""
        began = time.monotonic()
        self.build(day)
        self.disclose(day)
        self.seconds[day] = time.monotonic() - began

    def disclose(self, day: dt.date) -> None:
        """Plan, deliver, collect and reconcile until nothing is under way any more, at most five times."""
        with self.receiving():
            for _ in range(ROUNDS):
                self.one_run(day)
                if not self.outbox():
                    break
                self._let_time_pass()

    def one_run(self, day: dt.date) -> None:
        """One run of disclose over every channel; one that does not answer holds up no other.

        Raises:
            InventoryUnansweredError: A channel did not answer; all were served.
        """
        plan.plan(day)
        if self._answer(day):
            plan.plan(day)
        unanswered = None
        for channel in self.channels():
            try:
                deliver.deliver(day, channel)
                receipts.collect(channel)
                reconcile.reconcile(day, channel)
            except InventoryUnansweredError as error:
                unanswered = error
        if unanswered:
            raise unanswered

    def crash(self, day: dt.date, point: str) -> None:
        """Plan and deliver in a child that is killed at a failpoint; nobody repairs anything yet."""
        channels = self.channels()
        child = os.fork()
        if child == 0:
            os.environ[failpoints.VARIABLE] = f"{point}=kill"
            try:
                plan.plan(day)
                for channel in channels:
                    deliver.deliver(day, channel)
            finally:
                os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) in (0, -signal.SIGKILL)
        self._let_time_pass()

    @contextmanager
    def receiving(self) -> Iterator[None]:
        """Let the receiver work in the background."""
        stop = threading.Event()

        def work() -> None:
            with (
                psycopg.connect(settings.dsn("exchange", "receiver")) as exchange,
                psycopg.connect(settings.dsn("receiver", "owner")) as own,
            ):
                receiver, door = Receiver(own), ExchangeDoor(exchange)
                while not stop.is_set():
                    receiver.turn(door)
                    time.sleep(0.02)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    @contextmanager
    def misbehaving(self, *faults: str) -> Iterator[None]:
        """Switch faults of the receiver on for a while."""
        file: Path = settings.home() / "sandbox" / "misbehave.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(dict.fromkeys(faults, True)))
        try:
            yield
        finally:
            file.write_text("{}")

    def channels(self) -> list[str]:
        """Every channel that an enabled dispatch row names."""
        rows = self.admin.execute("select distinct channel from rules.dispatch where enabled order by 1").fetchall()
        return [channel for (channel,) in rows]

    def outbox(self) -> list[tuple[Any, ...]]:
        """What is not settled, refused versions aside."""
        return self.admin.execute(
            "select record_id, version, op, state from disclosure.outbox where state <> 'rejected'"
        ).fetchall()

    def public(self) -> dict[str, Shown]:
        """What the receivers hold, by record."""
        rows = self.public_copy.execute(
            "select record_id, version, op, payload, published_on, visible from public_copy.item"
        )
        return {record_id: Shown(*rest) for record_id, *rest in rows}

    def _answer(self, day: dt.date) -> int:
        """Answer the open questions and return how many there were."""
        return self.admin.execute(
            """
            update disclosure.review
            set decision = coalesce(%(answers)s ->> record_key, 'approved'), decided_by = 'second person',
                decided_on = %(day)s, reason = 'seen'
            where decision is null and (%(answers)s ->> record_key) is distinct from 'unanswered'
            """,
            {"answers": Jsonb(self.answers), "day": day},
        ).rowcount

    def _let_time_pass(self) -> None:
        self.admin.execute("update disclosure.outbox set next_try_at = now() - interval '1 second'")

    def _set_day(self, day: dt.date) -> None:
        self.admin.execute("update control.business_day set business_day = %s, known_day = %s", (day, day))

    def _dbt(self, *arguments: str) -> None:
        result = self.runner.invoke(self._arguments(*arguments))
        good = ("success", "pass", "no-op")  # an exposure runs nothing
        bad = [f"{n.node.unique_id}: {n.message}" for n in result.result or () if n.status not in good]
        if not result.success or bad:
            raise RuntimeError(f"dbt {arguments[0]} failed: {result.exception or bad}")

    def _arguments(self, *arguments: str) -> list[str]:
        paths = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--log-path", str(self.folder))
        target = ("--target-path", str(self.folder / "target"), "--no-write-json", "--cache-selected-only")
        return [*arguments, *paths, *target, "--quiet", "--log-level-file", "none"]


def dbt_environment(uri: str) -> dict[str, str]:
    """Return the environment variables by which ``profiles.yml`` finds the warehouse."""
    parts = conninfo_to_dict(uri)
    names = {"DBT_HOST": "host", "DBT_PORT": "port", "DBT_USER": "user", "DBT_PASSWORD": "password"}
    return {name: str(parts[part]) for name, part in {**names, "DBT_DBNAME": "dbname"}.items()}


class Models:
    """The models on the way to the disclosure marts, and which of them a day makes it necessary to build."""

    def __init__(self, manifest: Any) -> None:
        """Take dbt's parsed manifest."""
        self._parents: dict[str, list[str]] = manifest.parent_map
        self._kinds = {name: node.config.materialized for name, node in manifest.nodes.items()}
        wanted = {a for mart in MARTS for a in self._ancestors(f"model.market_regulation.{mart}")}
        self._wanted = {name for name in wanted if name.startswith("model.")}

    def to_build(self, delivered: Collection[str]) -> list[str]:
        """Select what reads the business day or a source that delivered, and the views that such a rebuild drops.

        The calendar stays as it is: it is built once.
        """
        changed = EVERY_DAY | {f"source.market_regulation.{source}.{source}_accepted" for source in delivered}
        tables = {
            name
            for name in self._wanted
            if self._kinds[name] in ("table", "incremental") and self._ancestors(name) & changed
        } - {"model.market_regulation.dim_date"}
        views = {name for name in self._wanted if self._kinds[name] == "view" and self._ancestors(name) & tables}
        return sorted(name.removeprefix("model.market_regulation.") for name in tables | views)

    def _ancestors(self, node: str) -> set[str]:
        return {node}.union(*map(self._ancestors, self._parents.get(node, ())))
