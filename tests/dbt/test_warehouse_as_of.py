"""What was known on one day about another: every combination, with the answers written by hand."""

import psycopg
import pytest
from built_warehouse import Warehouse
from case_rows import LATE, REGISTERED, RESTORED

BEFORE, FIRST, SECOND = "2026-03-15", "2026-03-16", "2026-03-17"


def _asked(warehouse: Warehouse, question: str, **values: str) -> list[tuple[object, ...]]:
    """Ask as an analyst does, with the rights of ``bi_reader``."""
    with psycopg.connect(warehouse.uri("bi_reader")) as reader:
        return reader.execute(question.encode(), values).fetchall()


@pytest.mark.parametrize(
    ("valid_day", "known_day", "name"),
    [
        ("2025-12-31", BEFORE, []),
        ("2025-12-31", FIRST, ["北京甲（集团）有限公司"]),
        ("2025-12-31", SECOND, ["北京甲（集团）有限公司"]),
        ("2026-01-01", BEFORE, []),
        ("2026-01-01", FIRST, ["北京甲（集团）有限公司"]),
        ("2026-01-01", SECOND, ["北京乙有限公司"]),
        ("2009-12-31", FIRST, []),
        ("2009-12-31", SECOND, []),
    ],
)
def test_corrected_name_counts_from_the_day_it_was_known(
    second_day: Warehouse, valid_day: str, known_day: str, name: list[str]
) -> None:
    question = "select enterprise_name from marts.enterprise_as_of(%(valid)s, %(known)s) where uscc = %(uscc)s"
    found = _asked(second_day, question, valid=valid_day, known=known_day, uscc=REGISTERED)
    assert [row[0] for row in found] == name


@pytest.mark.parametrize(
    ("valid_day", "known_day", "rows"),
    [("2019-12-31", FIRST, 0), ("2019-12-31", SECOND, 0), ("2020-01-01", FIRST, 0), ("2020-01-01", SECOND, 1)],
)
def test_late_row_is_not_seen_before_it_came(second_day: Warehouse, valid_day: str, known_day: str, rows: int) -> None:
    question = "select count(*) from marts.enterprise_as_of(%(valid)s, %(known)s) where uscc = %(uscc)s"
    assert _asked(second_day, question, valid=valid_day, known=known_day, uscc=LATE) == [(rows,)]


@pytest.mark.parametrize(
    ("valid_day", "known_day", "status"),
    [
        ("2026-02-28", BEFORE, []),
        ("2026-02-28", FIRST, ["VALID"]),
        ("2026-02-28", SECOND, ["VALID"]),
        ("2026-03-01", BEFORE, []),
        ("2026-03-01", FIRST, ["SUSPENDED"]),
        ("2026-03-01", SECOND, ["SUSPENDED"]),
        ("2026-03-10", BEFORE, []),
        ("2026-03-10", FIRST, ["SUSPENDED"]),
        ("2026-03-10", SECOND, ["VALID"]),
    ],
)
def test_suspended_certificate_is_restored_when_that_is_known(
    second_day: Warehouse, valid_day: str, known_day: str, status: list[str]
) -> None:
    question = "select status from marts.certificate_as_of(%(valid)s, %(known)s) where certificate_no = %(number)s"
    found = _asked(second_day, question, valid=valid_day, known=known_day, number=RESTORED)
    assert [row[0] for row in found] == status


@pytest.mark.parametrize(
    ("valid_day", "known_day", "answer"),
    [
        ("2020-06-01", "2021-06-01", ("下城区", True, [])),
        ("2020-06-01", FIRST, ("下城区", True, [])),
        ("2026-03-16", "2021-06-01", ("下城区", False, [])),
        ("2026-03-16", FIRST, ("下城区", False, ["330105"])),
    ],
)
def test_merged_district_leads_to_its_successor(
    second_day: Warehouse, valid_day: str, known_day: str, answer: tuple[object, ...]
) -> None:
    question = (
        "select region_name, is_in_force, successor_codes from marts.region_as_of(%(valid)s, %(known)s)"
        " where region_code = '330103'"
    )
    assert _asked(second_day, question, valid=valid_day, known=known_day) == [answer]


@pytest.mark.parametrize(("known_day", "procedure"), [(BEFORE, []), (FIRST, ["普通程序"]), (SECOND, ["简易程序"])])
def test_fact_is_seen_in_the_version_of_the_day(second_day: Warehouse, known_day: str, procedure: list[str]) -> None:
    question = "select procedure from marts.penalty_as_of(%(known)s) where document_no like 'CORRECTED%%'"
    assert [row[0] for row in _asked(second_day, question, known=known_day)] == procedure


def test_sample_counts_once_over_its_parties(second_day: Warehouse) -> None:
    """A retail sample has a producer and a seller; each is one half of it."""
    question = (
        "select sample_no, count(*), sum(weight) from marts.spot_check_party_as_of(%(known)s)"
        " where sample_no in ('S1', 'S5') group by sample_no order by sample_no"
    )
    assert _asked(second_day, question, known=SECOND) == [("S1", 1, 1), ("S5", 2, 1)]
    assert _asked(second_day, question, known=BEFORE) == []


def test_events_of_a_sample_are_told_in_their_order(second_day: Warehouse) -> None:
    question = (
        "select event_type, role from marts.spot_check_event_as_of(%(known)s) where source_key = 'S1'"
        " order by event_on, state_no"
    )
    told = [("sampled", None), ("reported", None), ("service", "producer")]
    assert _asked(second_day, question, known=FIRST) == told
