"""The return file of a delivery: its rejected rows as they were received, each with every reason and with advice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import psycopg
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from psycopg.rows import class_row

from market_regulation.quality.returns import layout
from market_regulation.quality.returns.advice import Advisor
from market_regulation.quality.returns.decided import Decided
from market_regulation.quality.returns.layout import ADVICE, OURS, RAW, REASONS, ROW_NO
from market_regulation.quality.returns.workbook import TextRows
from market_regulation.quality.suite import Suite
from market_regulation.sources.contract import Source
from market_regulation.sources.profile import DateFormat

BATCH_SIZE = 1_000
HOW_TO_CORRECT = (
    "请在本表中改正各行，删去不再报送的行（删去即为撤回），保留前三列与文件名结尾，原样送回；也可按原模板另行报送"
)
WIDTHS = {ROW_NO: 8, REASONS: 44, ADVICE: 44, RAW: 44}


@dataclass(frozen=True)
class _Rejected:
    row_no: int
    record: dict[str, str | None]
    rule_ids: list[str]
    reasons: list[str]
    warned_ids: list[str]
    warnings: list[str]


def fill_rejected(
    book: Workbook, connection: psycopg.Connection, source: Source, suite: Suite, decided: Decided
) -> None:
    """Write all rejected rows of a loaded delivery, further sheets taking what one cannot hold.

    The cells stand under the submitter's own headings (see ``layout``) as they were received; a row that could not be
    read is one text in a column of its own.
    """
    filled = _filled(connection, decided.delivery_id)
    theirs = layout.headings(source, decided.profile, filled - {"_raw"})
    ours = [*OURS, RAW] if "_raw" in filled else [*OURS]
    advisor = Advisor(source, suite, source.profiles.get(decided.profile))
    sheets = _sheets(book, decided, [*ours, *theirs])
    for number, (rejected, dates) in enumerate(_rejected(connection, advisor, decided.delivery_id)):
        if number % layout.ROWS_PER_SHEET == 0:
            rows = next(sheets)
        cells = [str(rejected.row_no), _reasons(rejected), _advice(advisor, rejected, dates)]
        if RAW in ours:
            cells.append(rejected.record.get("_raw") or "")
        rows.append([*cells, *(rejected.record.get(column) for column in theirs.values())])


def _sheets(book: Workbook, decided: Decided, names: Sequence[str]) -> Iterator[TextRows]:
    """Yield each sheet with its headings written; on the first one what the file is about stands above them."""
    lines = _about(decided)
    for sheet_name in layout.sheet_names(_sheet_count(decided)):
        sheet: WriteOnlyWorksheet = book.create_sheet(sheet_name)
        for number, name in enumerate(names, start=1):
            column = sheet.column_dimensions[get_column_letter(number)]  # type: ignore[attr-defined]  # stubs lack it
            column.width = WIDTHS.get(name, 22)
        sheet.freeze_panes = f"B{len(lines) + 2}"
        rows = TextRows(sheet)
        for number, line in enumerate(lines):
            rows.append(line, bold=number == 0)
        rows.append(names, bold=True)
        yield rows
        lines = []


def _sheet_count(decided: Decided) -> int:
    return -(-decided.quarantined_rows // layout.ROWS_PER_SHEET)


def _about(decided: Decided) -> list[list[str]]:
    return [
        ["数据退回清单"],
        [layout.BATCH, str(decided.delivery_id)],
        [layout.SHEETS, str(_sheet_count(decided))],
        ["文件", decided.file_name],
        ["提交单位", decided.submitter],
        ["业务日期", decided.business_day.isoformat()],
        ["接收行数", str(decided.received_rows)],
        ["接受行数", str(decided.accepted_rows)],
        ["退回行数", str(decided.quarantined_rows)],
        ["重复行数", str(decided.duplicate_rows)],
        ["填写说明", HOW_TO_CORRECT],
        [],
    ]


def _reasons(rejected: _Rejected) -> str:
    broken = zip(rejected.rule_ids, rejected.reasons, strict=True)
    warned = zip(rejected.warned_ids, rejected.warnings, strict=True)
    return "\n".join(
        [*(f"{rule} {reason}" for rule, reason in broken), *(f"{rule} {reason}（提示）" for rule, reason in warned)]
    )


def _advice(advisor: Advisor, rejected: _Rejected, dates: Mapping[str, str]) -> str:
    return "\n".join(advisor.advise([*rejected.rule_ids, *rejected.warned_ids], rejected.record, dates))


def _filled(connection: psycopg.Connection, delivery_id: int) -> set[str]:
    """Return the columns of which some rejected row has a value."""
    rows = connection.execute(
        "select distinct e.key from quality.quarantine as q cross join jsonb_each_text(q.record) as e (key, value)"
        " where q.delivery_id = %s and e.value is not null",
        (delivery_id,),
    )
    return {str(key) for (key,) in rows}


def _rejected(
    connection: psycopg.Connection, advisor: Advisor, delivery_id: int
) -> Iterator[tuple[_Rejected, Mapping[str, str]]]:
    """Yield the rejected rows in order, each with what its batch's unreadable dates can only be."""
    with connection.cursor("rejected", row_factory=class_row(_Rejected)) as cursor:
        cursor.execute(
            "select row_no, record, rule_ids, reasons, warned_ids, warnings from quality.quarantine"
            " where delivery_id = %s order by row_no",
            (delivery_id,),
        )
        while rows := cursor.fetchmany(BATCH_SIZE):
            texts = {t for r in rows for t in advisor.date_texts([*r.rule_ids, *r.warned_ids], r.record)}
            dates = _only_dates(connection, texts)
            yield from ((one, dates) for one in rows)


def _only_dates(connection: psycopg.Connection, texts: set[str]) -> dict[str, str]:
    """Return for each text the date it is in any known format, where it is only one."""
    if not texts:
        return {}
    return dict(
        connection.execute(
            "select t.text, min(d.day) from unnest(%s::text[]) as t (text)"
            " cross join unnest(%s::text[]) as f (format)"
            " cross join lateral quality.iso_date(quality.half_width(t.text), array[f.format]) as d (day)"
            " where d.day is not null group by t.text having count(distinct d.day) = 1",
            (sorted(texts), list(get_args(DateFormat))),
        ).fetchall()
    )
