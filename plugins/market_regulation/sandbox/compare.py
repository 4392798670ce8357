"""Compares what became of a day with its answer key, record by record.

The public copy, the holds, the quarantine, the warnings and the verdicts on planted inspections.

python -m market_regulation.sandbox.compare 2026-03-16 prints the differences and exits non-zero if there are any.
"""

import argparse
import csv
import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from market_regulation import settings
from market_regulation.sandbox.answer_key import cases_known_on, key_folder
from market_regulation.sandbox.cases import delivered_days, record_id, sha256_of
from market_regulation.sandbox.exchange import KEY
from market_regulation.sandbox.submissions import EVENTS, PENALTIES, read_bad_keys

SHOWN = 20  # differences printed of each kind; all are counted

_KEY_COLUMNS = {PENALTIES: KEY, EVENTS: ("event_id",)}
_QUARANTINED = """
    select q.source, regexp_replace(split_part(d.uri, '?', 1), '^.*/', ''), q.row_no, q.record, q.rule_ids
    from quality.quarantine as q
    inner join landing.delivery as d using (delivery_id)
    where d.business_day = %s
"""
_WARNED = """
    select r.source, regexp_replace(split_part(d.uri, '?', 1), '^.*/', ''), r.rule_id, sum(r.failed_rows)::integer
    from quality.result as r
    inner join landing.delivery as d using (delivery_id)
    where d.business_day = %s and d.status = 'loaded' and r.action = 'warn' and r.failed_rows > 0
    group by 1, 2, 3
"""
_JUDGED = """
    select subject_key, verdict
    from marts.fct_verdict
    where valid_day = %s and known_day = valid_day and subject_kind = 'inspection' and subject_key = any (%s)
"""


@dataclass(frozen=True)
class Section:
    """Differences of one comparison, each a line that names the record."""

    name: str
    missing: list[str]
    extra: list[str]
    wrong: list[str]

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra or self.wrong)

    def text(self) -> str:
        """One line of counts, then the first differences of each kind."""
        lines = [f"{self.name}: missing {len(self.missing)}, extra {len(self.extra)}, wrong content {len(self.wrong)}"]
        for kind, records in (("missing", self.missing), ("extra", self.extra), ("wrong content", self.wrong)):
            lines += [f"  {kind}: {record}" for record in records[:SHOWN]]
            if len(records) > SHOWN:
                lines.append(f"  {kind}: … and {len(records) - SHOWN} more")
        return "\n".join(lines)


@dataclass(frozen=True)
class Difference:
    """What differs from the answer key; false when nothing does."""

    sections: list[Section]

    def __bool__(self) -> bool:
        return any(self.sections)

    def text(self) -> str:
        """All sections as text."""
        return "\n".join(["Compared with the answer key", *(section.text() for section in self.sections)])


def compare(day: dt.date) -> Difference:
    """Compare the state after the runs of ``day`` with the day's answer key.

    Raises:
        FileNotFoundError: The sandbox delivered nothing for that day.
        psycopg.Error: A database does not answer.
    """
    names = Names(day)
    return Difference([
        against("public records", _public_expected(day), _public_found(), names),
        against("held records", _held_expected(day), _held_found(), names),
        _quarantine(day),
        _warnings(day),
        _inspections(day),
    ])  # fmt: skip


def against(name: str, expected: dict[str, str], found: dict[str, str], names: "Names") -> Section:
    """Compare two sets of records with their content (payload hash, reason).

    Args:
        name: What is compared.
        expected: Record id -> content it must have.
        found: Record id -> content it has.
        names: Says what a record id stands for.
    """
    both = expected.keys() & found.keys()
    wrong = [record for record in both if expected[record] != found[record]]
    return Section(
        name,
        sorted(f"{names.of(record)}: {expected[record]}" for record in expected.keys() - found.keys()),
        sorted(f"{names.of(record)}: {found[record]}" for record in found.keys() - expected.keys()),
        sorted(f"{names.of(record)}: {found[record]}, must be {expected[record]}" for record in wrong),
    )


class Names:
    """What the record ids of a day's cases stand for; the cases are read when the first name is asked for."""

    def __init__(self, day: dt.date) -> None:
        self._day = day
        self._names: dict[str, str] = {}

    def of(self, record: str) -> str:
        """Record type, source key and what was planted; the id itself for a record that nobody planted."""
        if not self._names:
            self._names = {
                record_id(case.channel, case.record_type, case.source_key):
                    f"{case.channel} {case.record_type} {case.source_key} ({case.name})"
                for case in cases_known_on(self._day)
            }  # fmt: skip
        return self._names.get(record, f"record {record}, never planted")


def _rows(day: dt.date, table: str) -> Iterator[dict[str, str]]:
    with (key_folder(day) / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _public_expected(day: dt.date) -> dict[str, str]:
    return {
        record_id(r["channel"], r["record_type"], r["source_key"]): r["payload_sha256"] for r in _rows(day, "public")
    }


def _held_expected(day: dt.date) -> dict[str, str]:
    return {record_id(r["channel"], r["record_type"], r["source_key"]): r["reason"] for r in _rows(day, "held")}


def _public_found() -> dict[str, str]:
    with psycopg.connect(settings.dsn("receiver", "owner")) as receiver:
        shown = receiver.execute("select record_id, payload from public_copy.item where visible")
        return {record: sha256_of(payload) for record, payload in shown}


def _held_found() -> dict[str, str]:
    with psycopg.connect(settings.dsn("warehouse", "owner")) as warehouse:
        held = warehouse.execute("select record_id, held_reason from disclosure.obligation where state = 'HELD'")
        return {str(record): str(reason) for record, reason in held}


def _quarantine(day: dt.date) -> Section:
    expected = {f"{r['source']} {r['file']} row {r['row_no']}: {r['rule_id']}" for r in _rows(day, "bad_rows")}
    found = set(_quarantined(day))
    return Section("quarantined rows", sorted(expected - found), sorted(found - expected), [])


def _warnings(day: dt.date) -> Section:
    """Rows that each planted warning was given to, per file; warnings that were not planted do not count."""
    planted = Counter((r["source"], r["file"], r["rule_id"]) for r in _rows(day, "warned_rows"))
    with psycopg.connect(settings.dsn("warehouse", "owner")) as warehouse:
        given = {(source, file, rule): rows for source, file, rule, rows in warehouse.execute(_WARNED, [day])}
    return Section(
        "warned rows",
        sorted(f"{' '.join(which)}: {rows} rows" for which, rows in planted.items() if which not in given),
        [],
        sorted(
            f"{' '.join(which)}: {given[which]} rows, must be {rows}"
            for which, rows in planted.items()
            if which in given and given[which] != rows
        ),
    )


def _inspections(day: dt.date) -> Section:
    expected = {r["source_key"]: r["verdict"] for r in _rows(day, "inspections")}
    with psycopg.connect(settings.dsn("warehouse", "owner")) as warehouse:
        found: dict[str, str] = dict(warehouse.execute(_JUDGED, [day, list(expected)]).fetchall())
    return Section(
        "planted inspections",
        sorted(f"{report}: {verdict}" for report, verdict in expected.items() if report not in found),
        [],
        sorted(
            f"{report}: {found[report]}, must be {verdict}"
            for report, verdict in expected.items()
            if report in found and found[report] != verdict
        ),
    )


def _quarantined(day: dt.date) -> Iterator[str]:
    """Rows in quarantine, named as the answer key names them.

    A row of an exchange table is known by its key, since a pull overlaps the one before: what was planted on an
    earlier day is left out, and the day's own rows have the numbers of the day's own rows.
    """
    numbers = {(key.source, key.key): key.row_no for key in read_bad_keys(day)}
    earlier = {(k.source, k.key, k.rule_id) for past in delivered_days() if past < day for k in read_bad_keys(past)}
    with psycopg.connect(settings.dsn("warehouse", "owner")) as warehouse:
        for source, file, row_no, record, rule_ids in warehouse.execute(_QUARANTINED, [day]):
            for rule_id in rule_ids:
                if columns := _KEY_COLUMNS.get(source):
                    key = "|".join(record.get(column) or "" for column in columns)
                    if (source, key, rule_id) in earlier:
                        continue
                    number = numbers.get((source, key), f"(key {key!r})")
                    yield f"{source} {file} row {number}: {rule_id}"
                else:
                    yield f"{source} {file} row {row_no}: {rule_id}"


def main() -> int:
    """Command line of the comparison."""
    parser = argparse.ArgumentParser(description=compare.__doc__)
    parser.add_argument("day", type=dt.date.fromisoformat)
    difference = compare(parser.parse_args().day)
    print(difference.text())
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
