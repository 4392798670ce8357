"""Who a party is, as known on each day; a decision or a name of the register counts from the day it was known."""

import psycopg
import pytest
from built_warehouse import Warehouse, failures
from case_rows import REGISTERED

FIRST, SECOND = "2026-03-16", "2026-03-17"


@pytest.mark.parametrize(
    ("fact_kind", "source_key", "role", "known_day", "answer"),
    [
        ("penalty", "MISNAMED", "party", "2026-03-15", []),
        ("penalty", "MISNAMED", "party", FIRST, [("held", None, "name_differs", None)]),
        ("penalty", "MISNAMED", "party", SECOND, [("resolved", "uscc", None, REGISTERED)]),
        ("penalty", "DUE", "party", FIRST, [("resolved", "uscc", None, REGISTERED)]),
        ("penalty", "DUE", "party", SECOND, [("resolved", "uscc", None, REGISTERED)]),
        ("penalty", "PERSON", "party", SECOND, [("unregistered", None, "natural_person", None)]),
        ("ccc_check", "V1", "factory", FIRST, [("held", None, "fact_without_region", None)]),
        ("ccc_check", "V1", "factory", SECOND, [("resolved", "decided", "decided", REGISTERED)]),
        ("ccc_check", "V2", "factory", SECOND, [("held", None, "fact_without_region", None)]),
    ],
)
def test_party_is_who_it_was_known_to_be(
    second_day: Warehouse, fact_kind: str, source_key: str, role: str, known_day: str, answer: list[tuple[object, ...]]
) -> None:
    question = (
        "select status, method, reason, resolved_uscc from marts.subject_resolution_as_of(%s)"
        " where fact_kind = %s and split_part(source_key, '〔', 1) = %s and role = %s"
    )
    with psycopg.connect(second_day.uri("bi_reader")) as reader:
        assert reader.execute(question, (known_day, fact_kind, source_key, role)).fetchall() == answer


def test_queue_holds_what_nobody_decided_on(second_day: Warehouse) -> None:
    """With what is offered since the register told of another name."""
    with psycopg.connect(second_day.uri("steward")) as steward:
        waiting = steward.execute(
            "select source_key, role, waiting_since::text, candidates->0->>'uscc', candidates->0->>'reason'"
            " from marts.subject_review where fact_kind = 'ccc_check'"
        ).fetchall()
    assert waiting == [("V2", "factory", SECOND, REGISTERED, "fact_without_region")]


def test_decision_and_name_publish_nothing(second_day: Warehouse) -> None:
    """What must be public names its enterprise by the fact's own code."""
    found = second_day.rows(
        "select count(*) from marts.disclosure_due as d inner join marts.subject_resolution as r"
        " on d.source_key = r.source_key and r.known_to = 'infinity' where r.method <> 'uscc' and d.uscc is not null"
    )
    assert found == [(0,)]


def test_rebuilt_from_nothing_it_says_the_same(second_day: Warehouse) -> None:
    said = second_day.content("marts.subject_resolution")
    rebuilt = second_day.dbt("run", "--full-refresh", "--select", "int_register_names+", "int_subject_parties+")
    assert failures(rebuilt) == []
    assert second_day.content("marts.subject_resolution") == said
