"""P2: what may not be public is found in every spelling and taken out, and nothing else is touched."""

import csv
import datetime as dt
import json
import random
import time
from functools import cache
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from redaction_texts import FOR_A_PERSON, HARMLESS, REDACTED
from stdnum import luhn
from stdnum.cn import ric

from market_regulation import settings
from market_regulation.disclosure import record_schema

pytestmark = pytest.mark.e2e
MANY = hypothesis_settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],  # shrinking sixty texts takes minutes
    suppress_health_check=list(HealthCheck),
)
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
SEPARATORS = st.sampled_from([
    " ", "-", "　", "—", "·", " - ", "\n", "\r\n", "\t", "\u00a0", "\u2009", "\u2028",
    "\u200b", "\u2060", "\u00ad", "\ufeff", "\x01",
])  # fmt: skip
CHINESE = str.maketrans("0123456789", "〇一二三四五六七八九")
WORDS = st.text("当事人的经营场所货值商品不合格查获销售，。；、（）：“” \n", max_size=12)


@cache
def profile() -> dict[str, Any]:
    """The rows of the seed for every channel and record type, as disclosure.redact_payload reads them."""
    found: dict[str, Any] = {}
    with (settings.project_root() / "dbt_project/seeds/rules/redaction_profile.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["channel"] == row["record_type"] == "*":
                rule = {"action": row["action"], "replacement": row["replacement"]}
                found.setdefault(row["field"], {})[row["kind"]] = rule
    return found


def redact(connection: psycopg.Connection, texts: list[str]) -> list[tuple[str, list[str], bool]]:
    """Redacted text, kinds found and whether a person is asked, for each text under the common rules."""
    rows = connection.execute(
        "select (disclosure.redact(v, %s)).* from unnest(%s::text[]) with ordinality as t (v, n) order by n",
        [json.dumps(profile()["*"]), texts],
    )
    return [(text, kinds, review) for text, kinds, review in rows]


@st.composite
def identity_numbers(draw: st.DrawFn) -> str:
    """An identity number with its check character, as somebody may write it."""
    region = draw(st.sampled_from(["110105", "310115", "510104", "650102", "810000"]))
    born = draw(st.dates(dt.date(1900, 1, 1), dt.date(2025, 12, 31)))
    body = f"{region}{born:%Y%m%d}{draw(st.integers(0, 999)):03}"
    number = body + ric.calc_check_digit(body + "0")
    separator = draw(SEPARATORS)
    grouped = separator.join((number[:6], number[6:14], number[14:]))
    spellings = [
        number, number.lower(), number.translate(FULL_WIDTH), grouped, separator.join(number),
        grouped.translate(FULL_WIDTH), f"0{number}", f"{number}20260316",
        number if number.endswith("X") else number.translate(CHINESE),
    ]  # fmt: skip
    return draw(st.sampled_from(spellings))


@st.composite
def mobile_numbers(draw: st.DrawFn) -> str:
    """A mobile number as somebody may write it."""
    number = f"1{draw(st.integers(3, 9))}{draw(st.integers(0, 10**9 - 1)):09}"
    separator = draw(SEPARATORS)
    grouped = separator.join((number[:3], number[3:7], number[7:]))
    spellings = [
        number, number.translate(FULL_WIDTH), number.translate(CHINESE), grouped, grouped.translate(FULL_WIDTH),
        f"+86{number}", f"+86 {grouped}", f"0086{number}", f"86-{number}", f"{number[:5]}\n{number[5:]}",
        f"{number[:7]} {number[7:]}", f"{number[:3]} {number[3:]}", separator.join(number), f"TEL{number}",
        f"{number[:5]} \r\n    {number[5:]}", separator.join(number.translate(FULL_WIDTH)),
        "\ufe0f\u20e3".join(number), f"+86 {chr(0x202D)}{number}{chr(0x202C)}", f"\ufeff{number}",
    ]  # fmt: skip
    return draw(st.sampled_from(spellings))


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    """A bank card number with Luhn's check digit, 16 to 19 digits."""
    body = f"62{draw(st.integers(0, 10**16 - 1)):016}"[: draw(st.integers(15, 18))]
    number = body + luhn.calc_check_digit(body)
    grouped = draw(st.sampled_from([" ", "\u200b", "\r\n"])).join(number[i : i + 4] for i in range(0, len(number), 4))
    return draw(st.sampled_from([number, number.translate(FULL_WIDTH), grouped]))


@MANY
@given(
    planted=st.lists(
        st.tuples(WORDS, st.one_of(identity_numbers(), mobile_numbers(), card_numbers()), WORDS),
        min_size=60,
        max_size=60,
    )
)
def test_a_planted_number_is_always_found_and_the_text_around_it_stays(
    planted: list[tuple[str, str, str]], warehouse: psycopg.Connection
) -> None:
    results = redact(warehouse, [f"{before}号{number}号{after}" for before, number, after in planted])
    for (before, number, after), (text, kinds, _) in zip(planted, results, strict=True):
        left = text.removeprefix(f"{before}号").removesuffix(f"号{after}")
        assert kinds, (before, number, after)
        # what is left of the number is at most what stood beside it
        assert left.strip("\ufeff\u202c") in ("", "0", "20260316", "TEL"), (before, number, after, text)


@pytest.mark.parametrize(("text", "public"), REDACTED.items())
def test_what_is_public_of_a_text(text: str, public: str, warehouse: psycopg.Connection) -> None:
    ((redacted, _, _),) = redact(warehouse, [text])
    assert redacted == public


@pytest.mark.parametrize(("text", "kind"), FOR_A_PERSON.items())
def test_what_rules_cannot_tell_is_left_to_a_person(text: str, kind: str, warehouse: psycopg.Connection) -> None:
    assert redact(warehouse, [text]) == [(text, [kind], True)]


def test_recall_and_over_redaction_on_the_labelled_texts(
    warehouse: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    personal = [text for text, public in REDACTED.items() if text != public] + list(FOR_A_PERSON)
    found = [bool(kinds) for _, kinds, _ in redact(warehouse, personal)]
    touched = [text for text, (_, kinds, _) in zip(HARMLESS, redact(warehouse, HARMLESS), strict=True) if kinds]
    with capsys.disabled():
        print(
            f"\nredaction: found {sum(found)} of {len(found)}, touched {len(touched)} of {len(HARMLESS)} harmless texts"
        )
    assert all(found)
    assert touched == []


@MANY
@given(texts=st.lists(st.sampled_from([*REDACTED, *HARMLESS]), min_size=2, max_size=6))
def test_redaction_of_the_redacted_changes_nothing(texts: list[str], warehouse: psycopg.Connection) -> None:
    ((once, _, _),) = redact(warehouse, ["；".join(texts)])
    ((twice, _, _),) = redact(warehouse, [once])
    assert twice == once


def test_the_own_name_of_the_party_stays_and_other_names_do_not(warehouse: psycopg.Connection) -> None:
    payload = {"party_name": "李四", "violation_fact": "投诉人李四与证人王小明到场"}
    ((public, findings, review),) = warehouse.execute(
        "select (disclosure.redact_payload(%s, %s)).*", [json.dumps(payload), json.dumps(profile())]
    ).fetchall()
    assert public == {"party_name": "李四", "violation_fact": "投诉人李四与证人王某到场"}
    assert (findings, review) == (["violation_fact:uninvolved_name"], False)


def test_every_text_of_a_payload_is_searched_however_deep_and_no_value_is_in_the_findings(
    warehouse: psycopg.Connection,
) -> None:
    payload = {
        "document_no": "13800138000", "failed_items": [{"item": "电话13800138000", "limit": None}],
        "model": "身份证11010519491231002X", "n": None,
    }  # fmt: skip
    ((public, findings, review),) = warehouse.execute(
        "select (disclosure.redact_payload(%s, %s)).*", [json.dumps(payload), json.dumps(profile())]
    ).fetchall()
    assert public == {
        "document_no": "13800138000", "failed_items": [{"item": "电话", "limit": None}], "model": "身份证", "n": None
    }  # fmt: skip
    assert sorted(findings) == ["failed_items:mobile", "model:identity_number"]
    assert not review


def test_a_record_without_a_profile_waits_for_a_person(warehouse: psycopg.Connection) -> None:
    row = warehouse.execute('select (disclosure.redact_payload(\'{"a": "b"}\', null)).*').fetchone()
    assert row == ({"a": "b"}, ["*:no_profile"], True)


def test_no_free_text_of_any_schema_is_exempt_from_the_search() -> None:
    for channel in record_schema.channels():
        for record_type in record_schema.record_types(channel):
            for field in record_schema.marked(channel, record_type, "x-free-text"):
                assert profile().get(field, {}).get("*") is None, (channel, record_type, field)


def test_the_search_costs_no_more_than_a_few_dozen_regular_expressions(warehouse: psycopg.Connection) -> None:
    """A text without findings takes some 10 to 50 µs on an idle machine: 100,000 records take seconds."""
    chance = random.Random(1)
    texts = [f"{text}，第{chance.randrange(10**6)}项。" for text in chance.choices(HARMLESS, k=3_000)]

    def seconds(expression: str) -> float:
        before = time.monotonic()
        warehouse.execute(f"select count({expression}) from unnest(%s::text[]) as t (v)", [texts])
        return time.monotonic() - before

    search = "(select count(*) from disclosure.personal_data(v))"
    ratios = [seconds(search) / seconds("nullif(v ~ '[0-9]{18}' or v ~ '[^0-9]x[0-9]{18}', true)") for _ in range(3)]
    print(f"one search is worth {min(ratios):.0f} times two regular expressions")
    assert min(ratios) < 60


@pytest.mark.parametrize(
    "line",
    [
        "{n}、客户王某 13{n:09}",
        "六二一三〇〇〇〇〇〇〇〇〇〇〇〇，",
        "沪A{n:05}、",
        "投诉人张三{n}，家住某县某路{n}弄3号",
    ],
)
def test_a_page_of_a_thousand_findings_is_searched_in_seconds(line: str, warehouse: psycopg.Connection) -> None:
    page = "\n".join(line.format(n=n) for n in range(1, 1_001))
    with warehouse.transaction():
        warehouse.execute("set local statement_timeout = '10s'")  # half a second on an idle machine
        ((public, kinds, _),) = redact(warehouse, [page])
    assert kinds
    assert len(public) < len(page)
