"""The page of a day's reconciliation, in Chinese and English.

Counts per channel, every record that differs, and the rule rows that nobody has confirmed and that decide today.
"""

import datetime as dt
import html
import os

import psycopg

from market_regulation import settings

LONGEST_LIST = 1_000  # records listed per channel and result; the counts are of all

_COUNTS = """
select channel, result, count(*) from disclosure.reconciliation where business_day = %(day)s group by 1, 2
"""

_LIST = """
select record_id, our_version, receiver_version
from disclosure.reconciliation
where business_day = %(day)s and channel = %(channel)s and result = %(result)s
order by record_id
limit %(longest)s
"""

_UNCONFIRMED = """
select seed, rule_id, channel, covers, legal_basis, confidence, due_records, held_records
from marts.disclosure_unconfirmed_rule
order by due_records desc nulls last, seed, rule_id, covers
"""

_RESULTS = {
    "match": ("一致", "shown as it should be"),
    "missing": ("缺失", "should be shown and is not: sent again"),
    "stale": ("不一致", "another version, content or document is shown: sent again"),
    "extra": (
        "多余",
        "shown without a version of ours behind it: never withdrawn automatically, find out who sent it",
    ),
}
_PAGE = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>公示核对 Reconciliation {day}</title>
<style>body{{font-family:sans-serif;margin:2rem}} td,th{{border:1px solid #999;padding:.2rem .6rem;text-align:left}}
table{{border-collapse:collapse;margin-bottom:1rem}} .extra{{background:#fdd}}</style>
<h1>公示核对报告 Reconciliation, {day}</h1>
<p>依据台账与接收系统公示副本逐条比对。 The ledger against the public copy, record by record.</p>
{body}
</html>
"""


def write(warehouse: psycopg.Connection, day: dt.date) -> None:
    """Write ``reports/reconciliation/<day>.html`` under the home folder, replacing it; it holds no personal data.

    Raises:
        OSError: The file cannot be written.
    """
    counts: dict[str, dict[str, int]] = {}
    for channel, result, count in warehouse.execute(_COUNTS, {"day": day}).fetchall():
        counts.setdefault(channel, dict.fromkeys(_RESULTS, 0))[result] = count
    body = "\n".join(_channel(warehouse, day, channel, counts[channel]) for channel in sorted(counts))
    body = "\n".join([body or "<p>没有记录 Nothing to compare.</p>", _unconfirmed(warehouse)])
    warehouse.commit()
    folder = settings.home() / "reports" / "reconciliation"
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{day}.{os.getpid()}.part"
    part.write_text(_PAGE.format(day=day, body=body), encoding="utf-8")
    part.replace(folder / f"{day}.html")


def _channel(warehouse: psycopg.Connection, day: dt.date, channel: str, counts: dict[str, int]) -> str:
    lines = [f"<h2>{html.escape(channel)}</h2>", "<table><tr><th>结果 Result<th>条数 Records<th>含义 Meaning"]
    for result, (chinese, meaning) in _RESULTS.items():
        lines.append(f'<tr class="{result}"><td>{chinese} {result}<td>{counts[result]}<td>{meaning}')
    lines.append("</table>")
    for result, (chinese, _) in _RESULTS.items():
        if result != "match" and counts[result]:
            lines += [f"<h3>{chinese} {result}</h3>", _list(warehouse, day, channel, result)]
    return "\n".join(lines)


def _unconfirmed(warehouse: psycopg.Connection) -> str:
    """List the rule rows that await confirmation; nothing before the first build of the marts."""
    ((table,),) = warehouse.execute("select to_regclass('marts.disclosure_unconfirmed_rule')").fetchall()
    rules = warehouse.execute(_UNCONFIRMED).fetchall() if table else []
    if not rules:
        return ""
    head = (
        "<h2>待核实规则 Rules nobody has compared with the law</h2><table><tr><th>表 Seed<th>规则 Rule<th>渠道 Channel"
        "<th>对象 Covers<th>依据 Legal basis<th>可信度 Confidence<th>应公示 Due<th>暂缓 Held"
    )
    rows = ["<tr>" + "".join(f"<td>{_cell(value)}" for value in rule) for rule in rules]
    return "\n".join([head, *rows, "</table>"])


def _cell(value: object) -> str:
    return "-" if value is None else html.escape(str(value))


def _list(warehouse: psycopg.Connection, day: dt.date, channel: str, result: str) -> str:
    values = {"day": day, "channel": channel, "result": result, "longest": LONGEST_LIST}
    rows = [
        f"<tr><td>{html.escape(record)}<td>{ours or '-'}<td>{theirs or '-'}"
        for record, ours, theirs in warehouse.execute(_LIST, values)
    ]
    head = "<table><tr><th>记录 Record<th>我方版本 Our version<th>接收方版本 Receiver's version"
    return "\n".join([head, *rows, "</table>"])
