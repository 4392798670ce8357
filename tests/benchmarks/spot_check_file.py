"""A CSV file of spot-check outcomes for the ingest benchmark: 18 columns, about 250 bytes a row, 1 % dirt, seeded.

Of a hundred thousand rows 300 have a wrong check character, 300 no real date, 200 no sample number and 200 repeat
the row before them. Enterprises are few (50,000 for a million rows), as they are in a province.
"""

import datetime as dt
import random
from pathlib import Path

HEADINGS = (
    "抽样单编号,抽查级别,组织部门,产品类别,产品名称,规格型号,批号,生产日期,生产者,生产者代码,生产者区划,销售者,销售者代码,"
    "抽样环节,抽样日期,报告日期,货值,检验结论"
)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
REGIONS = ("310115", "320106", "330106", "440304", "510104", "420106", "370102", "110108")
PRODUCTS = ("电动自行车", "燃气灶", "儿童玩具", "电线电缆", "家用燃气报警器", "移动电源", "安全帽", "消防应急照明灯具")
LEVELS, FIELDS = ("国家", "省", "市", "县"), ("生产领域", "流通领域", "电子商务")
DIRT = {**dict.fromkeys(range(3), "code"), **dict.fromkeys(range(3, 6), "date"), 6: "key", 7: "key"} | {
    8: "repeat",
    9: "repeat",
}
DAY = dt.date(2024, 1, 1)


def write_spot_checks(path: Path, rows: int, seed: int = 1) -> None:
    """Write ``rows`` data rows under one heading row, UTF-8, LF."""
    chance = random.Random(seed)
    firms = [_firm(chance, number) for number in range(max(rows // 20, 100))]
    dirty = {}
    for start in range(0, rows, 1000):  # ten dirty rows in each thousand
        for kind, row in enumerate(chance.sample(range(min(1000, rows - start)), min(10, rows - start))):
            dirty[start + row] = DIRT[kind]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADINGS + "\n")
        last = ""
        for number in range(rows):
            line = _row(chance, number, firms, dirty.get(number))
            last = last if dirty.get(number) == "repeat" and last else line
            file.write(last)


def _firm(chance: random.Random, number: int) -> tuple[str, str, str]:
    region = chance.choice(REGIONS)
    body = f"91{region}MA{number:06d}X"
    total = sum(ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return f"{region[:2]}{number:06d}制造有限公司", body + ALPHABET[-total % 31], region


def _row(chance: random.Random, number: int, firms: list[tuple[str, str, str]], dirt: str | None) -> str:
    producer, seller = chance.choice(firms), chance.choice(firms)
    made = DAY + dt.timedelta(days=chance.randrange(500))
    sampled = made + dt.timedelta(days=chance.randrange(10, 200))
    code = producer[1] if dirt != "code" else producer[1][:-1] + ("0" if producer[1][-1] != "0" else "1")
    product = chance.choice(PRODUCTS)
    cells = (
        "" if dirt == "key" else f"SC2026{number:010d}",
        chance.choice(LEVELS),
        "省市场监管局",
        product,
        f"{product}（{number % 97}型）",
        f"XH-{number % 997} 220V",
        f"B{number % 9973:05d}",
        "2024-02-31" if dirt == "date" else made.isoformat(),
        producer[0],
        code,
        producer[2],
        seller[0],
        seller[1],
        chance.choice(FIELDS),
        sampled.isoformat() if number % 10 else f"{sampled:%Y/%m/%d}",
        (sampled + dt.timedelta(days=20)).isoformat(),
        f"{chance.randrange(100, 900_000)}.50",
        "不合格" if chance.random() < 0.1 else "合格",
    )
    return ",".join(cells) + "\n"
