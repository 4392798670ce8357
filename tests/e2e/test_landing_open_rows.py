"""The view of rejected rows that wait: whose they are, why, how old, and since when they are overdue."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from market_regulation import settings
from market_regulation.commands.quarantine import report
from market_regulation.landing import check_due, land_due
from market_regulation.quality.returns.sending import send_back
from market_regulation.sources.contract import Source

pytestmark = pytest.mark.e2e
MONDAY = dt.date(2026, 3, 16)


def waiting(source: Source, day: dt.date) -> list[Any]:
    """What the view says of a source on a business day."""
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        connection.execute("update control.business_day set business_day = %s", (day,))
        found = connection.execute(
            "select delivery_id, submitter, owner, open_rows, reasons, age_days, age_working_days, overdue, return_file"
            " from quality.open_quarantine where source = %s order by delivery_id",
            (source.source,),
        ).fetchall()
        connection.rollback()
    return found


def test_open_rows_have_owner_reasons_age_and_limit(
    make_source: Callable[..., Source], deliver: Callable[..., int], rule: Callable[..., Any]
) -> None:
    in_set = rule(2, "be_in_set", column="name", value_set=["甲"])
    source = make_source("open_rows", rules=[in_set], owner="电梯处", correction_days=3)
    rows = [
        {"code": code, "name": name, "seen_on": "2026-03-16"} for code, name in [("", "乙"), ("A", "乙"), ("B", "甲")]
    ]
    delivery_id = deliver(source, rows, MONDAY)
    land_due(source, MONDAY)
    check_due(source, MONDAY)
    [path] = send_back(source)
    with psycopg.connect(settings.dsn("warehouse", "loader")) as connection:
        connection.execute("update control.business_day set business_day = '2026-03-20'")
        lines = report(connection, "open_rows").splitlines()
        connection.rollback()
    assert lines[1:4] == [
        f"  open_rows · tester · delivery {delivery_id}: 2 rows, 4 working days (OVERDUE), owner 电梯处",
        "    TST-02 规则2 ×2; TST-01 规则1 ×1",
        f"    {path}",
    ]
    assert lines[-1].split() == ["open_rows", "·", "tester", "3", "2", "0", "66.67"]
    reasons = ["TST-02 规则2 ×2", "TST-01 规则1 ×1"]
    file = f"open_rows/plain/{path.name}"
    thursday, sunday, monday = (MONDAY + dt.timedelta(days=days) for days in (3, 6, 7))
    known = (delivery_id, "tester", "电梯处", 2, reasons)
    assert waiting(source, thursday) == [(*known, 3, 3, False, file)]
    assert waiting(source, sunday) == [(*known, 6, 4, True, file)]
    corrected = deliver(source, [{"code": "A", "name": "甲", "seen_on": "2026-03-16"}], MONDAY)
    land_due(source, MONDAY)
    check_due(source, MONDAY)
    assert corrected > delivery_id
    assert waiting(source, monday) == [
        (delivery_id, "tester", "电梯处", 1, ["TST-01 规则1 ×1", "TST-02 规则2 ×1"], 7, 5, True, file)
    ]
