"""The register and the parties of the real data, and the labelled pairs drawn from them.

Every party is named as its publisher wrote it. Rows of natural persons were dropped or masked before (SOURCE.md of
each folder), by pattern; only hashes of parties go into the fixture.
"""

import csv
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from real_files import DATA, Row, files, read

LABELS = Path(__file__).parents[1] / "fixtures" / "subject_pairs.csv"
PREFIX = re.compile(r"^(供应商|生产商|经营者|进口商)[：:]")
ORGANISATION = re.compile("公司|厂|店|部|社|行|场|超市|中心|院")
LONGEST_NAME = 60


class Registered(NamedTuple):
    """One enterprise of the register; ``valid_from`` is empty where the data do not say it."""

    uscc: str
    name: str
    valid_from: str


class Party(NamedTuple):
    """One party as a fact names it; ``region`` is the name of a province or empty, ``fact_on`` may be empty."""

    dataset: str
    role: str
    name: str
    region: str
    fact_on: str


class Pair(NamedTuple):
    """One labelled pair: does the register entry stand for the party? ``label`` is same, different or unclear."""

    party_sha256: str
    register_sha256: str
    stratum: str
    pass_one: str
    pass_two: str
    label: str


def sha256(*parts: str) -> str:
    """Return the hash under which a party or a code is named in the fixture."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def labelled_pairs() -> list[Pair]:
    """Read the fixture."""
    with LABELS.open(encoding="utf-8", newline="") as lines:
        return [Pair(**row) for row in csv.DictReader(lines)]


def register() -> list[Registered]:
    """Return the newly registered of three provinces in 2019 and the listed companies."""
    entries = [
        Registered(row["统一社会信用代码"], row["企业名称"], row["注册日期"])
        for file in files("company_register_cn/2019_*.csv")
        for row in read(file, "utf-8-sig")
    ]
    listed = [
        Registered(row["统一社会信用代码"], row["公司全称"], "")
        for file in files("listed_companies_uscc/a_share_companies.csv")
        for row in read(file, "utf-8-sig")
        if row["统一社会信用代码"] and row["公司全称"]
    ]
    return entries + listed


def parties() -> list[Party]:
    """Return each party that the facts name, once."""
    return sorted({*_of_lifts(), *_of_penalties(), *_of_certificates(), *_of_spot_checks()})


def _rows(pattern: str) -> Iterator[Row]:
    for file in files(pattern):
        yield from read(file, "utf-8-sig")


def _of_lifts() -> Iterator[Party]:
    roles = (("user_unit", "使用单位", "上海市"), ("maker", "制造单位", ""), ("maintenance", "维保单位名称", ""))
    for row in _rows("shanghai_elevators/elevators.csv"):
        for role, column, region in roles:
            if row[column]:
                yield Party("shanghai_elevators", role, row[column].strip(), region, "2021-11-01")


def _of_penalties() -> Iterator[Party]:
    for row in _rows("nfra_penalties/nfra_penalties_orgs.csv"):
        if row["当事人名称"]:
            name = row["当事人名称"].strip()
            yield Party("nfra_penalties", "party", name, row["所属省份"], (row["发布日期"] or "")[:10])
    for row in _rows("amr_penalties_2024_2026/amr_penalties.csv"):
        if row["party"] and "*" not in row["party"]:
            yield Party("amr_penalties", "party", row["party"].strip(), row["org"], row["date"])


def _of_certificates() -> Iterator[Party]:
    for row in _rows("ccc_certificates/ccc_certificates.csv"):
        for role in ("applicant", "manufacturer"):
            if row[role]:
                yield Party("ccc_certificates", role, row[role].strip(), "", "")


def _of_spot_checks() -> Iterator[Party]:
    for delivered in _rows("foodmate_spotchecks/MANIFEST.csv"):
        for row in read(
            DATA / "foodmate_spotchecks" / delivered["file"], delivered["encoding"].replace("utf-8", "utf-8-sig")
        ):
            for role, column in (("producer", "生产商"), ("seller", "供应商")):
                name = PREFIX.sub("", (row.get(column) or "").strip())
                if name and len(name) < LONGEST_NAME and ORGANISATION.search(name):
                    yield Party("foodmate_spotchecks", role, name, "", (row.get("发布日期") or "")[:10])
