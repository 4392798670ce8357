"""The notice of a refused delivery: one sheet that says which file was refused and why."""

import psycopg
from openpyxl import Workbook

from market_regulation.quality.returns.decided import Decided
from market_regulation.quality.returns.layout import BATCH
from market_regulation.quality.returns.workbook import TextRows


def fill_notice(book: Workbook, connection: psycopg.Connection, decided: Decided) -> None:
    """Write the notice of a blocked delivery: the blocking rules in the submitter's words, then our own message."""
    sheet = book.create_sheet("退回通知")
    sheet.column_dimensions["A"].width = 16
    sheet.column_dimensions["B"].width = 100
    rows = TextRows(sheet)
    rows.append(["数据整批退回通知"], bold=True)
    for label, text in (
        (BATCH, str(decided.delivery_id)),
        ("文件", decided.file_name),
        ("提交单位", decided.submitter),
        ("业务日期", decided.business_day.isoformat()),
        ("行数", str(decided.received_rows)),
        ("结果", "整批未接收：下列问题解决之前，本文件的任何一行都不入库"),
    ):
        rows.append([label, text])
    broken = connection.execute(
        "select rule_id, reason, failed_rows from quality.result"
        " where delivery_id = %s and action = 'block' and verdict = 'fail' order by rule_id",
        (decided.delivery_id,),
    ).fetchall()
    for rule_id, reason, failed in broken:
        rows.append(["退回原因", f"{rule_id} {reason}（{failed}行）"])
    rows.append(["系统信息", decided.message or ""])
    rows.append(
        ["下一步", "请改正后按原文件名重新报送；如模板已变更，请与数据接收单位联系，由其更新接收配置后自动重新处理"],
    )
