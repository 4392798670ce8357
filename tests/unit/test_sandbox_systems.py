"""The sandbox's smaller parts: strewn dirt, the file drop, the source API, the officer, the comparison, the faults."""

import datetime as dt
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from market_regulation import settings
from market_regulation.sandbox import api, officer
from market_regulation.sandbox.cases import CHANNEL, Case, record_id
from market_regulation.sandbox.compare import Difference, Names, against
from market_regulation.sandbox.defects import Defect
from market_regulation.sandbox.dirt import Line, strewn
from market_regulation.sandbox.drop import BadRow, Template, drop
from market_regulation.sandbox.misbehave import faults

DAY = dt.date(2026, 3, 16)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path))
    monkeypatch.delenv("SAMR_API_TOKEN", raising=False)
    return tmp_path


def lines(good: int) -> list[Line]:
    defects = [Defect("A-01", {"name": ""}), Defect("A-02", lambda row: {"name": row["name"] + "!"})]
    return list(
        strewn(
            ({"key": str(n), "name": "good"} for n in range(good)),
            good,
            lambda place: {"key": f"spare {place}", "name": "spare"},
            defects,
            lambda row: row | {"name": "other"},
        )
    )


def test_every_defect_comes_even_when_there_are_few_rows() -> None:
    assert [line.rule_id for line in lines(1) if line.rule_id] == ["A-01", "A-02", "LAND-01", "LAND-01", "LAND-02"]


def test_three_in_a_hundred_are_broken_and_all_good_rows_stay() -> None:
    made = lines(1000)
    assert sum(line.rule_id in {"A-01", "A-02"} for line in made) == 30
    assert {line.fields["key"] for line in made if not line.rule_id} == {str(n) for n in range(1000)}


def test_a_broken_row_never_has_the_key_of_a_good_one_but_a_conflict_has() -> None:
    made = lines(300)
    good = {line.fields["key"] for line in made if not line.rule_id}
    assert {line.rule_id for line in made if line.rule_id and line.fields["key"] in good} == {"LAND-02"}


def test_every_ninety_seventh_good_row_comes_twice() -> None:
    good = [line.fields["key"] for line in lines(200) if not line.rule_id]
    assert sorted(key for key in set(good) if good.count(key) == 2) == ["193", "96"]


def test_a_dropped_file_appears_when_it_is_complete() -> None:
    template = Template({"编号": "key", "名称": "name", "备注": ""}, encoding="gb18030", delimiter=";")
    rows = drop("agency", "a.csv", template, lines(2))
    file = settings.inbox() / "agency" / "a.csv"
    bad = [next(rows)]
    assert not file.exists()
    bad += rows
    assert bad[0] == BadRow("agency", "a.csv", 2, "A-01")
    assert file.read_text("gb18030").splitlines()[:4] == ["编号;名称;备注", "0;good;1", "spare 0;;2", "1;good;3"]
    assert [path.name for path in file.parent.iterdir()] == ["a.csv"]
    assert time.time() - file.stat().st_mtime > 3600  # known to be whole, nobody waits for it


@pytest.fixture
def client() -> Iterator[TestClient]:
    path = api.samples_file(DAY)
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps({"sample_no": n}) + "\n" for n in range(5)))
    with TestClient(api.app) as client:
        client.headers["Authorization"] = f"Bearer {api.token()}"
        yield client


def page(client: TestClient, number: int, size: int, day: str = "2026-03-16") -> dict[str, object]:
    answer = client.get("/spot-checks", params={"business_day": day, "page": number, "page_size": size})
    assert answer.status_code == 200
    return dict(answer.json())


def test_samples_come_in_pages_that_announce_the_whole(client: TestClient) -> None:
    assert page(client, 1, 2) == {"announced": 5, "page": 1, "pages": 3, "data": [{"sample_no": 0}, {"sample_no": 1}]}
    assert page(client, 3, 2)["data"] == [{"sample_no": 4}]
    assert page(client, 4, 2)["data"] == []


def test_a_day_without_delivery_announces_nothing(client: TestClient) -> None:
    assert page(client, 1, 2, "2026-03-17") == {"announced": 0, "page": 1, "pages": 0, "data": []}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer ключ"}])
def test_nobody_gets_in_without_the_token(client: TestClient, headers: dict[str, str]) -> None:
    client.headers.pop("Authorization")
    sent = {name: value.encode() for name, value in headers.items()}
    assert client.get("/spot-checks", params={"business_day": "2026-03-16"}, headers=sent).status_code == 401


def test_the_token_is_kept_for_its_owner_only_and_stays_the_same(home: Path) -> None:
    token = api.token()
    assert len(token) >= 32
    assert api.token() == token
    assert (home / "sandbox" / "token").stat().st_mode & 0o777 == 0o600


@dataclass
class Question:
    """A question of a human-in-the-loop task."""

    subject: str
    body: str = ""


@dataclass
class Checker:
    """Stands for Airflow's REST API."""

    asked: list[Question]
    answers: list[tuple[str, str]] = field(default_factory=list)

    def questions(self, dag_id: str = "~") -> list[Question]:
        assert dag_id == "review"
        return self.asked

    def answer(self, question: Question, option: str) -> None:
        self.answers.append((question.subject, option))


def write_cases(home: Path, *cases: Case) -> None:
    folder = home / "sandbox" / DAY.isoformat()
    folder.mkdir(parents=True)
    (folder / "cases.jsonl").write_text("".join(case.line() for case in cases), "utf-8")


def test_the_officer_answers_as_planted_and_leaves_other_questions_open(home: Path) -> None:
    write_cases(
        home,
        Case("a", "administrative_penalty", "甲〔2026〕1号|A|P1", [], review="approve"),
        Case("b", "administrative_penalty", "甲〔2026〕2号|A|P1", [], review="refuse"),
        Case("c", "administrative_penalty", "甲〔2026〕3号|A|P1", []),
    )
    asked = [
        Question("甲〔2026〕1号"),
        Question("due", "甲〔2026〕2号"),
        Question("甲〔2026〕3号"),
        Question("乙〔2026〕1号"),
    ]
    checker = Checker(asked)
    assert officer.answer_open_questions(checker, lambda _line: None) == 2
    assert checker.answers == [("甲〔2026〕1号", "Approve"), ("due", "Reject")]


def test_a_comparison_names_each_record_that_differs(home: Path) -> None:
    write_cases(home, Case("planted so", "spot_check", "CC1|seller", []))
    known = record_id(CHANNEL, "spot_check", "CC1|seller")
    section = against("public", {known: "1", "b": "2", "c": "3"}, {"b": "4", "c": "3", "d": "5"}, Names(DAY))
    assert section.missing == ["gsxt spot_check CC1|seller (planted so): 1"]
    assert section.extra == ["record d, never planted: 5"]
    assert section.wrong == ["record b, never planted: 4, must be 2"]
    assert Difference([section])
    assert "public: missing 1, extra 1, wrong content 1" in Difference([section]).text()


def test_equal_sets_are_no_difference() -> None:
    assert not Difference([against("public", {"a": "1"}, {"a": "1"}, Names(DAY))])


def test_faults_are_switched_on_by_a_file(home: Path) -> None:
    assert faults() == frozenset()
    (home / "sandbox").mkdir()
    (home / "sandbox" / "misbehave.json").write_text('{"down": true, "drop_receipts": false}')
    assert faults() == {"down"}


def test_an_unknown_fault_is_an_error(home: Path) -> None:
    (home / "sandbox").mkdir()
    (home / "sandbox" / "misbehave.json").write_text('{"slow": true}')
    with pytest.raises(ValueError, match="drop_receipts"):
        faults()
