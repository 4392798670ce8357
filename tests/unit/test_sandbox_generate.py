"""The generator: same bytes for the same day, cases that carry over, an answer key that keeps to what was planted."""

import csv
import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from market_regulation import settings
from market_regulation.sandbox import generate, penalty_rows, spot_check_rows
from market_regulation.sandbox.cases import Event, FollowUp, sha256_of
from market_regulation.sandbox.context import Context
from market_regulation.sources.catalog import find_source

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


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Exchange:
    stand_in = Exchange()
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path))
    monkeypatch.setattr(generate, "submitter", stand_in.submitter)
    return stand_in


@dataclass(frozen=True)
class Delivered:
    """Monday and Tuesday of one home: the answer keys, and what the exchange holds after Tuesday."""

    home: Path
    monday: Path
    tuesday: Path
    exchange: Exchange

    def events(self, key: str, kind: str) -> list[tuple[str, dt.date]]:
        """(day of the event, day on which it was recorded) of each event of a kind on a fact."""
        found = [(e, at) for e, at in self.exchange.events.values() if (e.source_key, e.event_type) == (key, kind)]
        return [(event.event_on, at.date()) for event, at in found]


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivered]:
    home, stand_in = tmp_path_factory.mktemp("home"), Exchange()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MARKET_REGULATION_HOME", str(home))
        patch.setattr(generate, "submitter", stand_in.submitter)
        yield Delivered(home, generate.deliver(MONDAY, 1, SCALE), generate.deliver(TUESDAY, 1, SCALE), stand_in)


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
    assert len(digests(homes[0])) == 17
    assert documents[0] == documents[1]


def test_delivering_a_day_again_changes_nothing(exchange: Exchange, tmp_path: Path) -> None:
    generate.deliver(MONDAY, 1, SCALE)
    before, rows, events = digests(tmp_path), dict(exchange.rows), dict(exchange.events)
    generate.deliver(MONDAY, 1, SCALE)
    assert digests(tmp_path) == before
    assert exchange.rows == rows
    assert exchange.events == events


def test_another_seed_gives_other_enterprises(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    generate.deliver(MONDAY, 1, SCALE)
    first = (settings.inbox() / "registry_enterprises" / "enterprises_20260316.csv").read_bytes()
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path / "other"))
    generate.deliver(MONDAY, 2, SCALE)
    assert (settings.inbox() / "registry_enterprises" / "enterprises_20260316.csv").read_bytes() != first


def test_two_worlds_of_one_day_are_refused(exchange: Exchange) -> None:
    generate.deliver(MONDAY, 1, SCALE)
    with pytest.raises(ValueError, match="begin anew"):
        generate.deliver(MONDAY, 2, SCALE)


def test_what_was_promised_for_a_skipped_day_comes_on_the_next_delivered_one(exchange: Exchange) -> None:
    monday = generate.deliver(MONDAY, 1, SCALE)
    friday = generate.deliver(dt.date(2026, 3, 20), 1, SCALE)
    key = planted(monday, "revoked after publication")
    assert key not in states(friday)
    recorded = [at for e, at in exchange.events.values() if (e.source_key, e.event_type) == (key, "decision_revoked")]
    assert [at.date() for at in recorded] == [dt.date(2026, 3, 20)]


@pytest.mark.parametrize(
    ("source", "name"), [("registry_enterprises", "enterprises"), ("cnca_certificates", "certificates")]
)
def test_snapshots_of_two_days_differ(days: Delivered, source: str, name: str) -> None:
    folder = days.home / "inbox" / source
    assert (folder / f"{name}_20260316.csv").read_bytes() != (folder / f"{name}_20260317.csv").read_bytes()


def test_every_quarantine_rule_is_planted(days: Delivered) -> None:
    suites = [yaml.safe_load(f.read_text("utf-8")) for f in (settings.project_root() / "expectations").glob("*.yml")]
    sources = {file.stem for file in (settings.project_root() / "dags" / "sources").glob("*.yml")}
    declared = {
        (suite["source"], rule["meta"]["rule_id"])
        for suite in suites
        if suite.get("source") in sources
        for rule in suite["expectations"]
        if rule["meta"]["action"] == "quarantine"
    }
    of_landing = {"LAND-01", "LAND-02"}
    made = {(r["source"], r["rule_id"]) for r in table(days.monday, "bad_rows") if r["rule_id"] not in of_landing}
    assert made == declared
    assert {row["rule_id"] for row in table(days.monday, "bad_rows")} >= of_landing


def test_a_planted_row_of_a_file_is_where_the_answer_key_says(days: Delivered) -> None:
    text = (days.home / "inbox" / "agency_inspections" / "sh_20260316.csv").read_text("gb18030")
    rows = list(csv.reader(text.splitlines()))[1:]
    bad = {r["rule_id"]: int(r["row_no"]) for r in table(days.monday, "bad_rows") if r["file"] == "sh_20260316.csv"}
    assert rows[bad["INS-13"] - 1][10] == "2026/2/29"
    assert rows[bad["INS-05"] - 1][5] == "999999"
    assert len(rows[bad["LAND-01"] - 1]) != 14


def test_a_revoked_decision_is_public_for_one_day(days: Delivered) -> None:
    key = planted(days.monday, "revoked after publication")
    assert states(days.monday)[key] == "PUBLIC"
    assert key not in states(days.tuesday)
    assert days.events(key, "decision_revoked") == [("2026-03-17", TUESDAY)]


def test_a_correction_changes_what_must_be_shown_and_the_row(days: Delivered) -> None:
    key = planted(days.monday, "corrected after publication")
    shown = [
        {row["source_key"]: row["payload_sha256"] for row in table(folder, "public")}[key]
        for folder in (days.monday, days.tuesday)
    ]
    assert shown[0] != shown[1]
    assert days.exchange.rows[tuple(key.split("|"))]["violation_fact"].endswith("（更正）。")


def test_an_objection_that_becomes_known_late_takes_the_record_down(days: Delivered) -> None:
    key = planted(days.monday, "objection made in time becomes known after publication")
    assert (states(days.monday)[key], states(days.tuesday)[key]) == ("PUBLIC", "objection_pending")
    assert [recorded for _, recorded in days.events(key.replace("producer", "seller"), "objection")] == [TUESDAY]


@pytest.mark.parametrize("name", ["objection after the window", "ccc objection after the window"])
def test_an_objection_after_the_window_changes_nothing(days: Delivered, name: str) -> None:
    key = planted(days.monday, name)
    assert days.events(key.replace("producer", "seller"), "objection") == [("2026-03-11", MONDAY)]  # over since 02-24
    assert (states(days.monday)[key], states(days.tuesday)[key]) == ("PUBLIC", "PUBLIC")


def test_what_is_filed_for_the_sample_or_for_one_party_counts_for_both(days: Delivered) -> None:
    pending = planted(days.monday, "objection for the sample pending")
    overturned = planted(days.monday, "retest filed for the producer overturns after publication")
    assert days.events(pending.split("|")[0], "objection") == [("2026-02-10", MONDAY)]
    for role in ("producer", "seller"):
        assert states(days.monday)[pending.replace("producer", role)] == "objection_pending"
        assert states(days.monday)[overturned.replace("producer", role)] == "PUBLIC"
        assert overturned.replace("producer", role) not in states(days.tuesday)


def test_the_seller_is_shown_without_a_producer_who_denies_the_goods(days: Delivered) -> None:
    key = planted(days.monday, "producer denies the goods")
    seller = key.replace("producer", "seller")
    assert (states(days.monday)[key], states(days.tuesday)[key]) == ("producer_denied", "PUBLIC")
    lines = (days.monday.parent / "spot_checks.jsonl").read_text("utf-8").splitlines()
    [sample] = [row for row in map(json.loads, lines) if row["sample_no"] == key.split("|")[0]]
    named = spot_check_rows.payload(sample, "seller", dt.date(2026, 2, 24), "none")
    shown = [
        {row["source_key"]: row["payload_sha256"] for row in table(folder, "public")}[seller]
        for folder in (days.monday, days.tuesday)
    ]
    assert shown == [sha256_of(named | {"producer_name": None}), sha256_of(named)]


def test_a_window_is_open_on_its_last_day_and_over_on_the_next(days: Delivered) -> None:
    key = planted(days.monday, "last day of the window")
    assert days.events(key, "service") == [("2026-03-01", MONDAY)]  # the fifteenth day is Monday 2026-03-16
    assert (states(days.monday)[key], states(days.tuesday)[key]) == ("objection_window_open", "PUBLIC")


def test_a_window_that_ends_on_a_sunday_stays_open_on_monday(days: Delivered) -> None:
    key = planted(days.monday, "window moved from a holiday, still open")
    assert days.events(key, "service") == [("2026-02-28", MONDAY)]  # the fifteenth day is Sunday 2026-03-15
    assert (states(days.monday)[key], states(days.tuesday)[key]) == ("objection_window_open", "PUBLIC")


def test_a_removed_listing_is_public_until_the_day_before(days: Delivered) -> None:
    key = planted(days.monday, "removed after publication")
    assert states(days.monday)[key] == "PUBLIC"
    assert key not in states(days.tuesday)
    text = (days.home / "inbox" / "amr_serious_listings" / "serious_listings_20260317.csv").read_text("utf-8")
    [again] = [row for row in csv.DictReader(text.splitlines()) if row["列入决定书文号"] == key.split("|")[0]]
    assert (again["办理阶段"], again["移出日期"]) == ("移出", "2026-03-17")


def test_what_is_put_right_changes_what_must_be_shown(days: Delivered) -> None:
    for name in ("ccc certificate restored after publication", "problem put right after publication"):
        key = planted(days.monday, name)
        shown = [
            {row["source_key"]: row["payload_sha256"] for row in table(folder, "public")}[key]
            for folder in (days.monday, days.tuesday)
        ]
        assert shown[0] != shown[1]


def test_a_ccc_window_is_open_on_its_last_day_and_over_on_the_next(days: Delivered) -> None:
    key = planted(days.monday, "last day of the ccc window")
    assert days.events(key, "service") == [("2026-03-01", MONDAY)]  # the fifteenth day is Monday 2026-03-16
    assert (states(days.monday)[key], states(days.tuesday)[key]) == ("objection_window_open", "PUBLIC")


def test_another_department_revokes_on_the_next_working_day(days: Delivered) -> None:
    key = planted(days.monday, "revoked by the other department after publication")
    assert states(days.monday)[key] == "PUBLIC"
    assert key not in states(days.tuesday)


def test_a_passed_supervision_check_is_public_and_a_passed_ccc_check_is_not(days: Delivered) -> None:
    shown = table(days.monday, "public")
    passed = planted(days.monday, "random check, nothing found")
    assert passed in {row["source_key"] for row in shown if row["record_type"] == "other_check"}
    failed = {row["source_key"] for row in shown if row["record_type"] == "ccc_validity"}
    text = (days.home / "inbox" / "cnca_validity_checks" / "validity_checks_20260316.csv").read_text("utf-8")
    rows = {row["样品编号"].strip(): row for row in csv.DictReader(text.splitlines())}
    assert failed
    assert all("不" in rows[key]["检测结论"] + rows[key]["一致性核查"] for key in failed)


def test_a_listing_is_shown_for_the_last_time_three_years_after_it(days: Delivered) -> None:
    key = planted(days.monday, "last day of a listing")
    assert states(days.monday)[key] == "PUBLIC"
    assert key not in states(days.tuesday)


@pytest.mark.parametrize(
    "name",
    [
        "warning only", "simple procedure", "revoked before publication", "food", "passed", "candidate",
        "removed before publication", "listing of more than three years ago",
    ],
)  # fmt: skip
def test_what_is_never_shown_is_neither_public_nor_held(days: Delivered, name: str) -> None:
    assert planted(days.monday, name) not in states(days.monday)


def test_rows_planted_to_be_rejected_are_neither_public_nor_held(days: Delivered) -> None:
    with (days.monday.parent / "bad_keys.csv").open(encoding="utf-8", newline="") as lines:
        bad = {row["key"] for row in csv.DictReader(lines) if row["source"] == "amr_penalties"}
    assert len(bad) >= 40
    assert not bad & states(days.monday).keys()


def test_every_reason_to_hold_is_planted(days: Delivered) -> None:
    assert {row["reason"] for row in table(days.monday, "held")} == {
        "service_not_proven", "publicity_notice_missing", "document_missing", "subject_unresolved",
        "subject_name_mismatch", "objection_pending", "objection_window_open", "producer_denied", "review_refused",
    }  # fmt: skip


def test_spot_checks_are_new_enough_for_their_contract(days: Delivered) -> None:
    lines = (days.monday.parent / "spot_checks.jsonl").read_text("utf-8").splitlines()
    told = (str(json.loads(text).get("reported_on")) for text in lines)
    newest = max(day for day in told if day.isascii() and day <= MONDAY.isoformat())
    limits = find_source("samr_spot_checks").freshness
    assert (MONDAY - dt.date.fromisoformat(newest)).days <= limits.warn_days


def test_a_letter_names_a_person_and_tells_neither_identity_number_nor_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(penalty_rows, "decision_letter", lambda number, paragraphs: "".join([number, *paragraphs]))
    context = Context(MONDAY, 1, SCALE)
    person = penalty_rows.natural_person(context.rng("anybody"))
    letter = penalty_rows.row(context, 1, person)["document"]
    assert person["party_name"] in letter
    assert person["party_id_no"] not in letter
    assert person["party_address"] not in letter
