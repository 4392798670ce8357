"""Administrative division codes (GB/T 2260), abolished ones included, from python-stdnum's table.

A code in an old document may name a district that no longer exists, so each name carries the years in which
it was in force; the table is a reference, never the current address of anybody.
"""

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


def load_regions(connection: psycopg.Connection) -> None:
    """Fill ``control.region`` with the library's edition."""
    with connection.cursor() as cursor:
        cursor.execute("truncate control.region")
        with cursor.copy("copy control.region (region_code, region_name, first_year, last_year) from stdin") as copy:
            for row in regions():
                copy.write_row(row)
