"""A template that no profile knows goes from file to landed rows by ``make profile`` and a small edit of its draft."""

import os
from pathlib import Path

import psycopg
import pytest
import yaml
from real_files import SOURCES, files, land, read, skip_without_data

from market_regulation import settings
from market_regulation.commands import profile
from market_regulation.sources.catalog import read_contract
from market_regulation.sources.contract import Source

pytestmark = [pytest.mark.real_data, pytest.mark.e2e]
skip_without_data()
Edits = list[tuple[str, str]]
LOOKUP = "      conclusion: {合格: PASS, 复检合格: PASS, 不合格: FAIL, 复检不合格: FAIL}\n"


def edited(draft: Path, edits: Edits) -> str:
    """Return a draft with the edits that an engineer makes; each must find its place."""
    text = draft.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, f"{old!r} is not in {draft}"
        text = text.replace(old, new)
    return text


def new_source(name: str, file: Path, edits: Edits) -> Source:
    """Draft a source of its own for ``file``, edit the contract, and read it from the folder it was drafted in."""
    assert profile.main(["--file", str(file), "--name", name]) == 0
    contract = settings.home() / "profiles" / name / f"{name}.yml"
    contract.write_text(edited(contract, edits), encoding="utf-8")
    return read_contract(contract)


@pytest.fixture(autouse=True)
def own_contracts_only(platform_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No contract but those of the project knows the real files."""
    monkeypatch.delenv("MARKET_REGULATION_SOURCES", raising=False)


def test_a_workbook_that_fits_no_contract_becomes_a_source(warehouse: psycopg.Connection) -> None:
    """The elevators of a street office as XLSX: the device code is found under the heading 名称.

    Edits: who delivers, a title, and the words of the conclusions as our codes.
    """
    [file] = files("shanghai_elevators/original_full.xlsx")
    source = new_source(
        "street_elevators",
        file,
        [
            ("submitter: TODO", "submitter: 上海市浦东新区花木街道"),
            ("title: TODO", "title: 电梯状态"),
            ("    # words of conclusion", "    lookups:\n" + LOOKUP + "    # words of conclusion"),
        ],
    )

    [result] = land(source, [file])

    rows = read(file, "utf-8")
    assert source.key == ["device_code"]
    assert (result.received, result.accepted) == (len(rows), len({row["名称"] for row in rows}))
    failed = warehouse.execute(
        "select count(*) from quality.street_elevators_accepted where conclusion = 'FAIL'"
    ).fetchone()
    assert failed == (sum("不合格" in row["检验结论"] for row in rows),)


def test_a_file_in_gb18030_becomes_a_profile_of_a_contract(
    warehouse: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spot checks of a submitter whose contract knows but another template, with bilingual headings in UTF-8.

    Edits: who delivers, and the null word of the other template.
    """
    document = yaml.safe_load((SOURCES / "foodmate_spot_checks.yml").read_text(encoding="utf-8"))
    document |= {"source": "trade_spot_checks", "profiles": {"bilingual": document["profiles"]["bilingual"]}}
    suite = (SOURCES / "expectations" / "foodmate_spot_checks.yml").read_text(encoding="utf-8")
    contract = tmp_path / "trade_spot_checks.yml"
    (tmp_path / "expectations").mkdir()
    (tmp_path / "expectations" / contract.name).write_text(
        suite.replace("source: foodmate_spot_checks", "source: trade_spot_checks"), encoding="utf-8"
    )
    contract.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    monkeypatch.setenv("MARKET_REGULATION_SOURCES", os.fspath(tmp_path))
    [file] = files("foodmate_spotchecks/rasff/*.csv")

    assert profile.main(["--file", str(file), "--source", "trade_spot_checks", "--name", "extract"]) == 0
    draft = settings.home() / "profiles" / "trade_spot_checks.extract.yml"
    text = edited(
        draft, [("submitter: TODO", "submitter: 食品伙伴网"), ("    dates:", '    null_words: ["/"]\n    dates:')]
    )
    document["profiles"] |= yaml.safe_load(text)["profiles"]
    contract.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    [result] = land(read_contract(contract), [file])

    rows = read(file, "gb18030")
    assert (result.received, result.quarantined) == (len(rows), 0)
    assert result.accepted == len({tuple(cell.strip() for cell in row.values()) for row in rows})
    days = warehouse.execute(
        "select distinct announced_on from quality.trade_spot_checks_accepted order by 1 desc"
    ).fetchone()
    assert days == ("2021-07-29",)


def test_headings_in_english_become_a_source(warehouse: psycopg.Connection) -> None:
    """CCC certificates as sellers quote them, headed cert_no, applicant, product.

    Edits: who delivers, and 见附件 as a null word of the models.
    """
    [file] = files("ccc_certificates/ccc_certificates.csv")
    source = new_source(
        "quoted_certificates",
        file,
        [("submitter: TODO", "submitter: 商品页面摘录"), ("volume:", "    null_words: [见附件]\nvolume:")],
    )

    [result] = land(source, [file])

    rows = read(file, "utf-8")
    assert source.key == ["certificate_no"]
    assert (result.received, result.accepted) == (len(rows), len({row["cert_no"] for row in rows}))
    applicants = warehouse.execute("select count(applicant_name) from quality.quoted_certificates_accepted").fetchone()
    assert applicants == (sum(bool(row["applicant"]) for row in rows),)
