"""Real regulator files go in by YAML alone: every row accounted for, nothing rejected without a true defect.

The files stay outside the repository. What counts as a defect is written here in Python, from the notes that come
with each data set, and not taken from the suites.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from real_files import SOURCES, Row, files, land, read, skip_without_data

from market_regulation import settings
from market_regulation.sources.catalog import load_sources, read_contract

pytestmark = [pytest.mark.real_data, pytest.mark.e2e]
skip_without_data()


def elevator_defect(row: Row) -> bool:
    certificate = row["使用证号"]
    true_number = re.fullmatch(r"梯\d\d沪[A-Z]\d{5}\(\d\d\)|梯沪P[!-~]{1,2}\d{3,4}|梯沪P\d{3}", certificate)
    return not row["检验结论"] or not certificate or not true_number


def penalty_defect(row: Row) -> bool:
    year = re.search(r"[〔【](\d{4})", row["caseno"])
    return (
        not year
        or "*" in row["party"]
        or not row["party"]
        or row["kind"] not in ("行政处罚决定书", "行政处罚信息公开表")
        or row["date"][:4] < year[1]
    )


def other_department_defect(row: Row) -> bool:
    party, content = row["当事人名称"], row["行政处罚内容"]
    shifted = re.match(r"\d{4}\s*年", content) or re.fullmatch(r".*(监管局|监管分局|监管支局|金融监管分?局)", party)
    joint = re.search(r"(及|、|，|,|和|与).*(责任人|人员)", party)
    missing = not all((party, content, row["主要违法违规事实"], row["作出决定机关"]))
    return bool(shifted or joint or missing or ("罚" in content and not row["罚款金额(元)"]))


def spot_check_defect(row: Row) -> bool:
    produced, measured = row.get("生产日期") or "", row.get("检测结果") or ""
    return bool(
        (row.get("发布单位") or "").endswith(("()", "（）"))
        or re.match(r"批号|[A-Z]", produced)
        or len(re.findall(r"\d{4}[-/年.]?\d{1,2}", produced)) > 1
        or re.search(r"[×xX*]10($|\D)", measured)
    )


def company_defect(row: Row) -> bool:
    return row["股票代码"] == "--" or not row["公司全称"]


def no_defect(_: Row) -> bool:
    return False


@dataclass(frozen=True)
class Case:
    """Files of one source and what is wrong with a row of theirs, by the notes that come with the data."""

    patterns: list[str]
    is_defect: Callable[[Row], bool]
    encoding: str = "utf-8-sig"


CASES = {
    "shanghai_elevators": Case(["shanghai_elevators/elevators.csv", "shanghai_elevators/*.xlsx"], elevator_defect),
    "gd_penalty_notices": Case(["amr_penalties_2024_2026/amr_penalties.csv"], penalty_defect),
    "nfra_penalties": Case(["nfra_penalties/nfra_penalties_orgs.csv"], other_department_defect),
    "nfra_documents": Case(["nfra_penalties/nfra_doclist.csv"], no_defect),
    "samr_recalls": Case(["samr_recalls_2025_2026/*.csv"], no_defect),
    "ccc_listings": Case(["ccc_certificates/ccc_certificates.csv"], no_defect),
    "company_register": Case(["company_register_cn/2019_西藏.csv"], no_defect),
    "listed_companies": Case(["listed_companies_uscc/a_share_companies.csv"], company_defect),
    "foodmate_spot_checks": Case(
        [
            "foodmate_spotchecks/raw/1f1a8ff6*.csv",
            "foodmate_spotchecks/raw/22e007f3*.csv",
            "foodmate_spotchecks/raw/5523bd55*.csv",
            "foodmate_spotchecks/raw/*jjy.csv",
        ],
        spot_check_defect,
    ),
    "foodmate_spot_checks in GB 18030": Case(["foodmate_spotchecks/rasff/*.csv"], spot_check_defect, "gb18030"),
}


@pytest.mark.parametrize("name", CASES)
def test_every_row_is_accounted_for_and_only_defects_are_rejected(
    name: str, warehouse: psycopg.Connection, platform_home: Path
) -> None:
    """Received is what a reader of our own counts; no row without a noted defect is rejected."""
    case = CASES[name]
    delivered = files(*case.patterns)

    results = land(read_contract(SOURCES / f"{name.split()[0]}.yml"), delivered)

    rows = {file.name: read(file, case.encoding) for file in delivered}
    assert {Path(r.uri).name: r.received for r in results} == {file: len(found) for file, found in rows.items()}
    assert all(r.received == r.accepted + r.quarantined + r.duplicate for r in results)
    assert all(r.blocked == 0 for r in results)
    rejected = warehouse.execute(
        "select d.uri, q.row_no from quality.quarantine as q join landing.delivery as d using (delivery_id)"
        " where q.delivery_id = any(%s)",
        ([r.delivery_id for r in results],),
    ).fetchall()
    wrongly = [(uri, row_no) for uri, row_no in rejected if not case.is_defect(rows[Path(uri).name][row_no - 1])]
    assert wrongly == []
    sound = sum(not case.is_defect(row) for found in rows.values() for row in found)
    kept = sum(r.accepted + r.duplicate for r in results)
    assert kept >= 0.95 * sound


def test_a_workbook_and_a_text_file_of_the_same_rows_are_one(
    warehouse: psycopg.Connection, platform_home: Path
) -> None:
    """The elevators as XLSX after the elevators as CSV: sound rows are duplicates, defects are rejected again."""
    source = read_contract(SOURCES / "shanghai_elevators.yml")
    land(source, files("shanghai_elevators/elevators.csv"))
    land(source, files("shanghai_elevators/original_full.xlsx"))

    counts = warehouse.execute(
        "select profile, received_rows, accepted_rows + duplicate_rows, quarantined_rows from landing.delivery"
        " where source = %s and status = 'loaded' order by delivery_id",
        (source.source,),
    ).fetchall()
    by_profile = {profile: rows for profile, *rows in counts}
    assert by_profile["supervision_workbook"] == by_profile["supervision_export"]


@pytest.mark.parametrize("source", [source.source for source in load_sources()])
def test_a_source_is_at_most_six_files(source: str) -> None:
    """Contract, suite and the staging folder carry everything that names one source's own shape."""
    root = settings.project_root()
    files = [
        root / "dags" / "sources" / f"{source}.yml",
        root / "expectations" / f"{source}.yml",
        *(root / "dbt_project" / "models" / "staging" / source).iterdir(),
    ]

    assert all(file.is_file() for file in files)
    assert 5 <= len(files) <= 6
