"""A2: whatever a superuser does to the ledger is seen and located; an untouched ledger raises no alarm."""

import threading

import psycopg
import pytest
from disclosure_world import DAY, World, spot_check
from hypothesis import HealthCheck, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from market_regulation import settings
from market_regulation.disclosure import deliver, ledger, plan

pytestmark = pytest.mark.e2e

ROWS = 8
COPY = """
insert into disclosure.record
select {seq}, 'forged', 1, op, reason_code, origin, record_type, channel, subject_key, uscc, source_delivery_id,
    source_row_no, business_day, rule_id, regime_id, due_on, publish_until, payload_sha256, served_sha256,
    replaces_record_id, entered_by, approved_by, prev_sha256, row_sha256, created_at
from disclosure.record where seq = {at}
"""
COLUMNS = (
    "record_id", "op", "reason_code", "origin", "record_type", "channel", "subject_key", "uscc", "rule_id",
    "regime_id", "served_sha256", "replaces_record_id", "entered_by", "approved_by",
)  # fmt: skip
REBUILD = """
do $$
declare
    r disclosure.record;
    previous text := repeat('0', 64);
begin
    for r in select * from disclosure.record order by seq loop
        r.prev_sha256 := previous;
        previous := disclosure.row_sha256(r);
        update disclosure.record set prev_sha256 = r.prev_sha256, row_sha256 = previous where seq = r.seq;
    end loop;
    update disclosure.chain_head set row_sha256 = previous;
end
$$
"""


@pytest.fixture
def written(world: World) -> World:
    """A ledger of eight rows, sent in two batches that witness rows 5 and 8."""
    for number in range(5):
        world.due(f"S{number}")
    world.send()
    for number in range(5, ROWS):
        world.due(f"S{number}")
    world.send()
    return world


def test_an_untouched_ledger_raises_no_alarm(written: World) -> None:
    assert ledger.verify() == ROWS


@pytest.mark.parametrize("place", [1, 4, ROWS])
@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_is_located(written: World, column: str, place: int) -> None:
    _tamper(written, f"update disclosure.record set {column} = 'STOP' || coalesce({column}, '') where seq = {place}")
    assert _found() == f"row {place}: content differs from its hash"


@pytest.mark.parametrize(
    "change",
    ["version = 9", "business_day = business_day + 1", "due_on = due_on + 1", "publish_until = '2030-01-01'",
     "source_row_no = 4", "source_delivery_id = 8", "created_at = created_at + interval '1 microsecond'"],
)  # fmt: skip
def test_a_changed_number_or_date_is_located(written: World, change: str) -> None:
    _tamper(written, f"update disclosure.record set {change} where seq = 3")
    assert _found() == "row 3: content differs from its hash"


def test_a_removed_row_is_located(written: World) -> None:
    _tamper(written, "delete from disclosure.record where seq = 4")
    assert _found() == "row 5: a row is missing before this one"


def test_a_removed_tail_is_found_by_the_head(written: World) -> None:
    _tamper(written, "delete from disclosure.record where seq > 6")
    assert "head does not match the last row" in _found()


def test_a_removed_tail_with_its_head_is_found_by_the_witnesses(written: World) -> None:
    """As after restoring yesterday's copy: the chain itself is whole."""
    _tamper(
        written,
        "delete from disclosure.record where seq > 6;"
        "update disclosure.chain_head set (seq, row_sha256) = (select seq, row_sha256 from disclosure.record where seq = 6)",
    )
    assert written.publisher.execute("select * from disclosure.broken_link()").fetchall() == []
    assert _found() == "row 8: batch 11310000MB0000000920260316GX0002 witnesses another row"


def test_a_rebuilt_chain_is_found_by_the_witnesses(written: World) -> None:
    _tamper(written, "update disclosure.record set uscc = null where seq = 2;" + REBUILD)
    assert written.publisher.execute("select * from disclosure.broken_link()").fetchall() == []
    assert _found().startswith("row 5: batch 11310000MB0000000920260316GX0001 witnesses another row")


def test_rows_written_after_a_removed_tail_do_not_hide_it(written: World) -> None:
    _tamper(written, "delete from disclosure.record where seq = 8")
    written.due("S9")
    plan.plan(DAY)
    assert "row 9: a row is missing before this one" in _found()


def test_two_swapped_rows_are_located(written: World) -> None:
    _tamper(
        written,
        "update disclosure.record set seq = 100 where seq = 3; update disclosure.record set seq = 3 where seq = 6;"
        "update disclosure.record set seq = 6 where seq = 100",
    )
    assert _found().startswith("row 3: ")


def test_a_row_inserted_in_the_past_is_located(written: World) -> None:
    _tamper(
        written,
        "update disclosure.record set seq = seq + 100 where seq > 4;"
        "update disclosure.record set seq = seq - 99 where seq > 100;" + COPY.format(seq=5, at=4),
    )
    assert _found().startswith("row 5: ")


def test_an_appended_row_is_located(written: World) -> None:
    _tamper(written, COPY.format(seq=ROWS + 1, at=ROWS))
    assert _found().startswith(f"row {ROWS + 1}: ") or "head does not match" in _found()


def test_changed_content_of_a_payload_is_located(written: World) -> None:
    (name,) = written.publisher.execute("select payload_sha256 from disclosure.record where seq = 2").fetchall()
    _tamper(
        written,
        "alter table disclosure.payload drop constraint payload_check;"
        "update disclosure.payload set public = public || '{\"model\": \"X\"}'"
        f" where payload_sha256 = '{name[0]}'",
    )
    try:
        assert _found() == f"payload {name[0]}: content differs from its hash"
    finally:
        written.admin_warehouse.execute(
            "delete from disclosure.outbox; set session_replication_role = replica; delete from disclosure.record;"
            "delete from disclosure.payload; set session_replication_role = origin; alter table disclosure.payload"
            " add constraint payload_check check (payload_sha256 = disclosure.payload_sha256(public))"
        )


@example_settings(
    max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_random_mutation_is_always_found(written: World, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, ROWS), label="row")
    column = data.draw(st.sampled_from(COLUMNS), label="column")
    text = data.draw(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8), label="text")
    kind = data.draw(st.sampled_from(["change", "delete", "move"]), label="kind")
    statement = {
        "change": f"update disclosure.record set {column} = %(text)s where seq = %(place)s and {column} is distinct from %(text)s",
        "delete": "delete from disclosure.record where seq = %(place)s",
        "move": "update disclosure.record set seq = 50 + seq where seq = %(place)s",
    }[kind]
    with written.admin_warehouse.transaction(force_rollback=True):
        written.admin_warehouse.execute("set local session_replication_role = replica")
        written.admin_warehouse.execute("alter table disclosure.record drop constraint record_op_check")
        written.admin_warehouse.execute("alter table disclosure.record drop constraint record_origin_check")
        changed = written.admin_warehouse.execute(statement, {"text": text, "place": place}).rowcount
        found = written.admin_warehouse.execute("select seq from disclosure.broken_link()").fetchall()
    assert len(found) == (1 if changed else 0)
    if kind == "change" and changed:
        assert found == [(place,)]


def test_writers_at_the_same_time_make_one_chain(world: World) -> None:
    world.due("S0")
    plan.plan(DAY)

    def write(writer: int) -> None:
        with psycopg.connect(settings.dsn("warehouse", "publisher")) as connection:
            for number in range(10):
                connection.execute(
                    "insert into disclosure.record (record_id, version, op, origin, record_type, channel, subject_key,"
                    " source_delivery_id, source_row_no, business_day, rule_id, due_on, payload_sha256, entered_by)"
                    " select %s, g, op, origin, record_type, channel, subject_key, source_delivery_id, source_row_no,"
                    " business_day, rule_id, due_on, payload_sha256, entered_by"
                    " from disclosure.record, generate_series(1, 3) as g where seq = 1",
                    [f"w{writer}-{number}"],
                )
                connection.commit()

    threads = [threading.Thread(target=write, args=[writer]) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ledger.verify() == 1 + 4 * 10 * 3


def test_the_canonical_form_does_not_depend_on_how_it_was_written(world: World) -> None:
    ours = spot_check("S1", failed_items=[], brand='"\\/\u2028\u0001é𠮷')
    other = dict(reversed(ours.items()))
    hashes = [
        world.publisher.execute("select disclosure.payload_sha256(%s::jsonb)", [psycopg.types.json.Jsonb(p)]).fetchone()
        for p in (ours, other)
    ]
    assert hashes[0] == hashes[1]


def test_a_batch_witnesses_the_ledger_at_its_time(written: World) -> None:
    deliver.deliver(DAY)
    heads = written.exchange.execute("select chain_head from outbound.batch order by created_at").fetchall()
    rows = written.publisher.execute("select seq || ':' || row_sha256 from disclosure.record where seq in (5, 8) order by seq")
    assert heads == rows.fetchall()


def _tamper(world: World, statements: str) -> None:
    """Do as a superuser can: without triggers, without constraints in the way."""
    with world.admin_warehouse.transaction():
        world.admin_warehouse.execute("set local session_replication_role = replica")
        for name in ("record_op_check", "record_origin_check", "record_check", "record_check1"):
            world.admin_warehouse.execute(f"alter table disclosure.record drop constraint if exists {name}")
        world.admin_warehouse.execute("alter table disclosure.record alter constraint record_payload_sha256_fkey not enforced")
        world.admin_warehouse.execute(statements)


def _found() -> str:
    with pytest.raises(ledger.LedgerBrokenError) as error:
        ledger.verify()
    return str(error.value).removeprefix("the ledger was tampered with: ")
