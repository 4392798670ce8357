"""Administrative division codes (GB/T 2260), abolished ones included: python-stdnum's table and a dated supplement.

A code in an old document may name a district that no longer exists, so each name carries the years in which
it was in force; the table is a reference, never the current address of anybody. ``region_supplement.csv`` beside this
module holds the divisions that are younger than the library's table.
"""

import csv
import re
from collections.abc import Iterator
from importlib.resources import files

import psycopg

SPAN = re.compile(r"(?:\[(\d{4})?-(\d{4})?\])?([^,\[]+)")


def regions() -> Iterator[tuple[str, str, int | None, int | None]]:
    """Yield (six-digit code, name, first year or None, last year or None)."""
    province = ""
    for line in (files("stdnum.cn") / "loc.dat").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        code, _, quoted = line.strip().partition(" ")
        name = quoted.partition('"')[2].rstrip('"')
        if not line.startswith(" "):
            province = code
            yield province + "0000", name, None, None
        elif code != "0000":
            for first, last, text in SPAN.findall(name):
                yield province + code, text, int(first) if first else None, int(last) if last else None
    yield from _younger_regions()


def _younger_regions() -> Iterator[tuple[str, str, int | None, None]]:
    text = (files("market_regulation.database") / "region_supplement.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        yield row["code"], row["name"], int(row["valid_from"][:4]) if row["valid_from"] else None, None


def load_regions(connection: psycopg.Connection) -> None:
    """Fill ``control.region`` with the library's edition and the supplement."""
    with connection.cursor() as cursor:
        cursor.execute("truncate control.region")
        with cursor.copy("copy control.region (region_code, region_name, first_year, last_year) from stdin") as copy:
            for row in regions():
                copy.write_row(row)
