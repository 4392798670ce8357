"""The generator: same bytes for the same day, cases that carry over, an answer key that keeps to what was planted."""

import csv
import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from market_regulation import settings
from market_regulation.sandbox import generate
from market_regulation.sandbox.cases import Event, FollowUp

MONDAY = dt.date(2026, 3, 16)
TUESDAY = dt.date(2026, 3, 17)
SCALE = 0.05


class Exchange:
    """Stands for the exchange database: remembers what was put down, and when."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, ...], dict[str, Any]] = {}
        self.events: dict[str, tuple[Event, dt.datetime]] = {}

    @contextmanager
    def submitter(self, recorded_at: dt.datetime) -> Iterator["Session"]:
        yield Session(self, recorded_at)


class Session:
    """One transaction of the submitting systems, as ``sandbox.exchange.Submitter``."""

    def __init__(self, exchange: Exchange, recorded_at: dt.datetime) -> None:
        self._exchange, self._recorded_at = exchange, recorded_at
        self.penalty_keys: list[tuple[str, ...]] = []
        self.event_ids: list[str] = []

    def put_penalties(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            key = (row["document_no"], row["authority_uscc"], row["party_key"])
            self.penalty_keys.append(key)
            self._exchange.rows.setdefault(key, row)

    def put_events(self, events: list[Event]) -> None:
        for event in events:
            self.event_ids.append(event.event_id)
            self._exchange.events.setdefault(event.event_id, (event, self._recorded_at))

    def put_changes(self, follow_up: FollowUp) -> None:
        assert follow_up.penalty_key is not None
        self.penalty_keys.append(follow_up.penalty_key)
        self._exchange.rows[follow_up.penalty_key] |= follow_up.changes


Deliver = Callable[..., Path]


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Exchange:
    stand_in = Exchange()
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path))
    monkeypatch.setattr(generate, "submitter", stand_in.submitter)
    return stand_in


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def planted(folder: Path, name: str) -> str:
    """Source key of the planted case whose name starts so."""
    found = [
        line for line in (folder.parent / "cases.jsonl").read_text("utf-8").splitlines() if f'"name":"{name}' in line
    ]
    return found[0].split('"source_key":"')[1].split('"')[0]


def states(folder: Path) -> dict[str, str]:
    public = {row["source_key"]: "PUBLIC" for row in table(folder, "public")}
    return public | {row["source_key"]: row["reason"] for row in table(folder, "held")}


def digests(home: Path) -> dict[str, str]:
    files = [path for path in sorted(home.rglob("*")) if path.is_file()]
    return {str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_day_seed_and_scale_give_the_same_bytes(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    homes = [tmp_path / "one", tmp_path / "two"]
    documents = []
    for home in homes:
        monkeypatch.setenv("MARKET_REGULATION_HOME", str(home))
        exchange.rows.clear()
        generate.deliver(MONDAY, 7, SCALE)
        documents.append({key: row["document"] for key, row in exchange.rows.items()})
    assert digests(homes[0]) == digests(homes[1])
    assert len(digests(homes[0])) == 11
    assert documents[0] == documents[1]


def test_delivering_a_day_again_changes_nothing(exchange: Exchange, tmp_path: Path) -> None:
    generate.deliver(MONDAY, 1, SCALE)
    before, rows, events = digests(tmp_path), dict(exchange.rows), dict(exchange.events)
    generate.deliver(MONDAY, 1, SCALE)
    assert digests(tmp_path) == before
    assert exchange.rows == rows
    assert exchange.events == events


def test_another_seed_gives_other_enterprises(exchange: Exchange) -> None:
    generate.deliver(MONDAY, 1, SCALE)
    file = settings.inbox() / "registry_enterprises" / "enterprises_20260316.csv"
    first = file.read_bytes()
    generate.deliver(MONDAY, 2, SCALE)
    assert file.read_bytes() != first


def test_snapshots_of_two_days_differ(exchange: Exchange) -> None:
    generate.deliver(MONDAY, 1, SCALE)
    generate.deliver(TUESDAY, 1, SCALE)
    for source, name in (("registry_enterprises", "enterprises"), ("cnca_certificates", "certificates")):
        folder = settings.inbox() / source
        assert (folder / f"{name}_20260316.csv").read_bytes() != (folder / f"{name}_20260317.csv").read_bytes()


def test_every_quarantine_rule_is_planted(exchange: Exchange) -> None:
    folder = generate.deliver(MONDAY, 1, SCALE)
    declared = {
        (suite["source"], rule["meta"]["rule_id"])
        for file in (settings.project_root() / "expectations").glob("*.yml")
        for suite in [yaml.safe_load(file.read_text("utf-8"))]
        if not suite["source"].startswith("feed")
        for rule in suite["expectations"]
        if rule["meta"]["action"] == "quarantine"
    }
    of_landing = {"LAND-01", "LAND-02"}
    made = {(row["source"], row["rule_id"]) for row in table(folder, "bad_rows") if row["rule_id"] not in of_landing}
    assert made == declared
    assert {row["rule_id"] for row in table(folder, "bad_rows")} >= of_landing


def test_a_planted_row_of_a_file_is_where_the_answer_key_says(exchange: Exchange) -> None:
    folder = generate.deliver(MONDAY, 1, SCALE)
    text = (settings.inbox() / "agency_inspections" / "sh_20260316.csv").read_text("gb18030")
    rows = list(csv.reader(text.splitlines()))[1:]
    bad = {r["rule_id"]: int(r["row_no"]) for r in table(folder, "bad_rows") if r["file"] == "sh_20260316.csv"}
    assert rows[bad["INS-13"] - 1][9] == "2026/2/29"
    assert rows[bad["INS-05"] - 1][5] == "999999"
    assert len(rows[bad["LAND-01"] - 1]) != 14


def test_a_revoked_decision_is_public_for_one_day(exchange: Exchange) -> None:
    monday = generate.deliver(MONDAY, 1, SCALE)
    key = planted(monday, "revoked after publication")
    assert states(monday)[key] == "PUBLIC"
    assert not [e for e, _ in exchange.events.values() if (e.source_key, e.event_type) == (key, "decision_revoked")]
    tuesday = generate.deliver(TUESDAY, 1, SCALE)
    assert key not in states(tuesday)
    [revocation] = [e for e, _ in exchange.events.values() if (e.source_key, e.event_type) == (key, "decision_revoked")]
    assert revocation.event_on == "2026-03-17"


def test_a_correction_changes_what_must_be_shown_and_the_row(exchange: Exchange) -> None:
    monday = generate.deliver(MONDAY, 1, SCALE)
    key = planted(monday, "corrected after publication")
    before = {row["source_key"]: row["payload_sha256"] for row in table(monday, "public")}[key]
    fact = exchange.rows[tuple(key.split("|"))]["violation_fact"]
    tuesday = generate.deliver(TUESDAY, 1, SCALE)
    after = {row["source_key"]: row["payload_sha256"] for row in table(tuesday, "public")}[key]
    assert after != before
    assert exchange.rows[tuple(key.split("|"))]["violation_fact"] != fact


def test_what_was_promised_for_a_skipped_day_comes_on_the_next_delivered_one(exchange: Exchange) -> None:
    monday = generate.deliver(MONDAY, 1, SCALE)
    friday = generate.deliver(dt.date(2026, 3, 20), 1, SCALE)
    assert planted(monday, "revoked after publication") not in states(friday)
    key = planted(monday, "revoked after publication")
    recorded = [at for e, at in exchange.events.values() if (e.source_key, e.event_type) == (key, "decision_revoked")]
    assert [at.date() for at in recorded] == [dt.date(2026, 3, 20)]


def test_a_window_is_open_on_its_last_day_and_over_on_the_next(exchange: Exchange) -> None:
    # served on Sunday 2026-03-01: the fifteenth day is Monday 2026-03-16
    monday = generate.deliver(MONDAY, 1, SCALE)
    key = planted(monday, "last day of the window")
    assert states(monday)[key] == "objection_window_open"
    assert states(generate.deliver(TUESDAY, 1, SCALE))[key] == "PUBLIC"
    served = [e.event_on for e, _ in exchange.events.values() if (e.source_key, e.event_type) == (key, "service")]
    assert served == ["2026-03-01"]


def test_a_window_that_ends_on_a_sunday_stays_open_on_monday(exchange: Exchange) -> None:
    monday = generate.deliver(MONDAY, 1, SCALE)
    key = planted(monday, "window moved from a holiday, still open")
    served = [e.event_on for e, _ in exchange.events.values() if (e.source_key, e.event_type) == (key, "service")]
    assert served == ["2026-02-28"]  # the fifteenth day is Sunday 2026-03-15
    assert states(monday)[key] == "objection_window_open"


def test_rows_planted_to_be_rejected_are_neither_public_nor_held(exchange: Exchange) -> None:
    folder = generate.deliver(MONDAY, 1, SCALE)
    with (folder.parent / "bad_keys.csv").open(encoding="utf-8", newline="") as lines:
        bad = {row["key"] for row in csv.DictReader(lines) if row["source"] == "amr_penalties"}
    assert len(bad) >= 40
    assert not bad & states(folder).keys()


def test_every_reason_to_hold_is_planted(exchange: Exchange) -> None:
    folder = generate.deliver(MONDAY, 1, SCALE)
    assert {row["reason"] for row in table(folder, "held")} == {
        "service_not_proven", "publicity_notice_missing", "document_missing", "subject_unresolved",
        "subject_name_mismatch", "objection_pending", "objection_window_open", "review_refused",
    }  # fmt: skip


def test_documents_tell_nothing_that_may_not_be_shown(exchange: Exchange) -> None:
    generate.deliver(MONDAY, 1, SCALE)
    people = [
        row
        for row in exchange.rows.values()
        if row["party_kind"] == "自然人" and row["party_id_no"] and not row["party_uscc"]
    ]
    assert people
    for person in people:
        assert person["party_id_no"].encode() not in person["document"]
        assert person["party_address"].encode("utf-16-be").hex().encode() not in person["document"].lower()
