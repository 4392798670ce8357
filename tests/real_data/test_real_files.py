"""Real regulator files go in by YAML alone: every row accounted for, nothing rejected without a true defect.

The files stay outside the repository. What counts as a defect is written here in Python, from the notes that come
with each data set, and not taken from the suites.
"""

import csv
import datetime as dt
import re
import shutil
from pathlib import Path

import psycopg
import pytest

from market_regulation import landing, settings
from market_regulation.sources.catalog import load_sources, read_contract

pytestmark = [pytest.mark.real_data, pytest.mark.e2e]

DATA = settings.project_root().parent / "shared" / "data"
SOURCES = Path(__file__).parent / "sources"
DAY = dt.date(2026, 3, 16)
Row = dict[str, str]

if not DATA.is_dir():
    pytest.skip(f"the real data are not at {DATA}", allow_module_level=True)


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


CASES = {
    "shanghai_elevators": (["shanghai_elevators/elevators.csv"], "utf-8", elevator_defect),
    "gd_penalty_notices": (["amr_penalties_2024_2026/amr_penalties.csv"], "utf-8", penalty_defect),
    "nfra_penalties": (["nfra_penalties/nfra_penalties_orgs.csv"], "utf-8-sig", other_department_defect),
    "foodmate_spot_checks": (
        [
            "foodmate_spotchecks/raw/1f1a8ff6*.csv",
            "foodmate_spotchecks/raw/22e007f3*.csv",
            "foodmate_spotchecks/raw/*jjy.csv",
        ],
        "utf-8-sig",
        spot_check_defect,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_row_is_accounted_for_and_only_defects_are_rejected(
    name: str, warehouse: psycopg.Connection, platform_home: Path
) -> None:
    """Received is what a CSV reader counts; no row without a noted defect is rejected."""
    patterns, encoding, is_defect = CASES[name]
    files = [file for pattern in patterns for file in sorted(DATA.glob(pattern))]
    inbox = settings.inbox() / name
    inbox.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copy(file, inbox)
    source = read_contract(SOURCES / f"{name}.yml")

    landing.collect(source, DAY)
    landing.land_due(source, DAY)
    results = landing.check_due(source, DAY)

    rows = {file.name: read(file, encoding) for file in files}
    assert {Path(r.uri).name: r.received for r in results} == {file: len(found) for file, found in rows.items()}
    assert all(r.received == r.accepted + r.quarantined + r.duplicate + r.blocked for r in results)
    assert all(r.blocked == 0 for r in results)
    rejected = warehouse.execute(
        "select d.uri, q.row_no from quality.quarantine as q join landing.delivery as d using (delivery_id)"
        " where q.source = %s",
        (name,),
    ).fetchall()
    wrongly = [(uri, row_no) for uri, row_no in rejected if not is_defect(rows[Path(uri).name][row_no - 1])]
    assert wrongly == []
    sound = sum(not is_defect(row) for found in rows.values() for row in found)
    kept = sum(r.accepted + r.duplicate for r in results)
    assert kept >= 0.95 * sound


def read(file: Path, encoding: str) -> list[Row]:
    with file.open(encoding=encoding, newline="") as lines:
        return list(csv.DictReader(lines))


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
