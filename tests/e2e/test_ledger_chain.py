"""A2: whatever a superuser does to the ledger is seen and located; an untouched ledger raises no alarm."""

import threading

import psycopg
import pytest
from disclosure_records import DAY
from disclosure_world import World
from hypothesis import HealthCheck, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from market_regulation import settings
from market_regulation.commands import __main__ as commands
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
VALUES = {
    "record_id": "'x'", "version": "9", "op": "'RESUME'", "reason_code": "'x'", "origin": "'MANUAL'",
    "record_type": "'x'", "channel": "'x'", "subject_key": "'x'", "uscc": "null", "source_delivery_id": "8",
    "source_row_no": "9", "business_day": "business_day + 1", "rule_id": "'x'", "regime_id": "'x'",
    "due_on": "due_on + 1", "publish_until": "'infinity'", "payload_sha256": "'x'", "served_sha256": "'x'",
    "replaces_record_id": "'x'", "entered_by": "'x'", "approved_by": "'x'", "exchange_sha256": "'x'",
    "created_at": "created_at + interval '1 microsecond'",
}  # fmt: skip
FREE_TEXT = ("record_id", "reason_code", "record_type", "channel", "subject_key", "uscc", "rule_id", "entered_by")
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


def test_the_command_says_what_it_found(
    written: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["commands", "verify_ledger"])
    assert commands.main() == 0
    assert f"{ROWS} rows" in capsys.readouterr().out
    _tamper(written, "update disclosure.record set rule_id = 'x' where seq = 4")
    assert commands.main() == 1
    assert "row 4: content differs from its hash" in capsys.readouterr().err


@pytest.mark.parametrize("place", [1, 4, ROWS])
def test_a_changed_column_is_located(written: World, place: int) -> None:
    for column, value in VALUES.items():
        change = f"update disclosure.record set {column} = {value} where seq = {place}"
        assert _seen_after(written, change) == [(place, "content differs from its hash")], column


def test_every_column_is_covered(written: World) -> None:
    rows = written.admin_warehouse.execute(
        "select attname from pg_attribute where attrelid = 'disclosure.record'::regclass and attnum > 0"
    )
    assert {name for (name,) in rows} == {*VALUES, "seq", "prev_sha256", "row_sha256"}


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
        "update disclosure.chain_head as h set seq = r.seq, row_sha256 = r.row_sha256"
        " from disclosure.record as r where r.seq = 6",
    )
    assert written.publisher.execute("select * from disclosure.broken_link()").fetchall() == []
    assert _found() == "row 8: batch 11310000MB0000000920260316GX0002 witnesses another row"


def test_a_rebuilt_chain_is_found_by_the_witnesses(written: World) -> None:
    _tamper(written, "update disclosure.record set uscc = null where seq = 2;" + REBUILD)
    assert written.publisher.execute("select * from disclosure.broken_link()").fetchall() == []
    assert _found().startswith("row 5: batch 11310000MB0000000920260316GX0001 witnesses another row")


def test_rows_written_after_a_removed_tail_do_not_hide_it(written: World) -> None:
    _tamper(written, "delete from disclosure.outbox; delete from disclosure.record where seq = 8")
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
        'update disclosure.payload set public = public || \'{"model": "X"}\''
        f" where payload_sha256 = '{name[0]}'",
    )
    try:
        assert _found() == f"payload {name[0]}: content differs from its hash"
    finally:
        written.admin_warehouse.execute(
            "alter table disclosure.payload add constraint payload_check"
            " check (payload_sha256 = disclosure.payload_sha256(public)) not valid"
        )


@example_settings(
    max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_random_mutation_is_always_found(written: World, data: st.DataObject) -> None:
    _assert_found(written, data)


@pytest.mark.chaos
@example_settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_two_hundred_random_mutations_are_found(written: World, data: st.DataObject) -> None:
    _assert_found(written, data)


def _assert_found(written: World, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, ROWS), label="row")
    column = data.draw(st.sampled_from(FREE_TEXT), label="column")
    text = data.draw(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8), label="text")
    other = data.draw(st.integers(1, ROWS).filter(lambda row: row != place), label="other row")
    kind = data.draw(st.sampled_from(["change", "delete", "move", "swap", "copy"]), label="kind")
    statement = {
        "change": f"update disclosure.record set {column} = %(text)s where seq = %(place)s",
        "delete": "delete from disclosure.record where seq = %(place)s",
        "move": "update disclosure.record set seq = 50 + seq where seq = %(place)s",
        "swap": "update disclosure.record as r set payload_sha256 = o.payload_sha256"
        " from disclosure.record as o where r.seq in (%(place)s, %(other)s) and o.seq = %(place)s + %(other)s - r.seq",
        "copy": COPY.format(seq="50 + seq", at="%(place)s"),
    }[kind]

    seen = _seen_after(written, statement, {"text": text, "place": place, "other": other})

    assert len(seen) == 1
    assert seen[0][0] == place or kind != "change"


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


def test_a_batch_witnesses_the_ledger_at_its_time(written: World) -> None:
    deliver.deliver(DAY)
    heads = written.exchange.execute("select chain_head from outbound.batch order by created_at").fetchall()
    rows = written.publisher.execute(
        "select seq || ':' || row_sha256 from disclosure.record where seq in (5, 8) order by seq"
    )
    assert heads == rows.fetchall()


def _tamper(world: World, statements: str) -> None:
    """Do as a superuser can: without triggers and foreign keys in the way."""
    with world.admin_warehouse.transaction():
        world.admin_warehouse.execute("set local session_replication_role = replica")
        world.admin_warehouse.execute(statements)


def _seen_after(world: World, statement: str, values: dict[str, object] | None = None) -> list[tuple[int, str]]:
    """Tamper, look at the chain, and take it back."""
    with world.admin_warehouse.transaction(force_rollback=True):
        world.admin_warehouse.execute("set local session_replication_role = replica")
        world.admin_warehouse.execute(statement, values)
        return world.admin_warehouse.execute("select seq, problem from disclosure.broken_link()").fetchall()


def _found() -> str:
    with pytest.raises(ledger.LedgerBrokenError) as error:
        ledger.verify()
    return str(error.value).removeprefix("the ledger was tampered with: ")
