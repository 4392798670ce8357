"""The hash of a payload: equal content gives an equal hash, other content another, whoever computes it."""

import json
from typing import Any

import psycopg
import pytest
from disclosure_records import sha256_of
from disclosure_world import World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

pytestmark = pytest.mark.e2e

BATCH = 50
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
scalars = st.none() | texts
payloads = st.dictionaries(
    texts, st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
)


@settings(
    max_examples=6,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(batch=st.lists(payloads, min_size=BATCH // 4, max_size=BATCH))
def test_the_database_and_any_json_library_agree(world: World, batch: list[dict[str, Any]]) -> None:
    assert _hashes(world, batch) == [sha256_of(payload) for payload in batch]


@pytest.mark.chaos
@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(batch=st.lists(payloads, min_size=BATCH // 2, max_size=BATCH))
def test_ten_thousand_payloads_have_the_same_hash_on_both_sides(world: World, batch: list[dict[str, Any]]) -> None:
    turned = [dict(reversed(payload.items())) for payload in batch]
    assert _hashes(world, batch) == _hashes(world, turned) == [sha256_of(payload) for payload in batch]


@settings(max_examples=30, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=payloads, other=payloads)
def test_equal_content_has_an_equal_hash_and_other_content_another(
    world: World, payload: dict[str, Any], other: dict[str, Any]
) -> None:
    turned = dict(reversed(payload.items()))
    spaced = json.loads(json.dumps(payload, indent=3, ensure_ascii=True))
    first, second, third, fourth = _hashes(world, [payload, turned, spaced, other])
    assert first == second == third
    assert (first == fourth) == (payload == other)


def test_a_payload_is_stored_under_its_own_hash_only(world: World) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        world.publisher.execute("insert into disclosure.payload values (%s, '{}')", [sha256_of({"a": "b"})])


def _hashes(world: World, batch: list[dict[str, Any]]) -> list[str]:
    rows = world.publisher.execute(
        "select disclosure.payload_sha256(value) from jsonb_array_elements(%s) with ordinality order by ordinality",
        [Jsonb(batch)],
    )
    return [sha256 for (sha256,) in rows]
