"""How the bytes of a delivery become rows of cells under headings.

Every format may also come inside a .zip or .gz, which is recognised by its content and not by its name; ``member`` is
a glob on the member's name where a zip holds several files.
"""

import codecs
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from market_regulation.sources.strict import Strict

RowNumber = Annotated[int, Field(ge=1)]
Character = Annotated[str, Field(min_length=1, max_length=1)]


def _known_encoding(name: str) -> str:
    try:
        b"text".decode(name if name != "auto" else "utf-8", "replace")  # refuses codecs that do not make text
        return name if name == "auto" else codecs.lookup(name).name
    except LookupError as error:
        raise ValueError(f"Python knows no encoding {name!r}") from error


def _regular_expression(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(str(error)) from error
    return pattern


class CsvFormat(Strict):
    """Delimited text; a byte order mark is skipped.

    Attributes:
        encoding: Python's name of the encoding, or ``auto``: what the byte order mark says, else UTF-16 by its NULs,
            else UTF-8 if all of the file is, else GB 18030 (of which GBK and GB 2312 are parts).
        delimiter: One character; a tab for TSV.
        quote: Character around cells that hold delimiters or line breaks, doubled inside; null where none is used.
        header_row: Number of the heading row, counted in rows that are not empty; ``auto`` takes the row among the
            first fifty that holds the most headings of the profile.
    """

    kind: Literal["csv"]
    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8"
    delimiter: Character = ","
    quote: Character | None = '"'
    header_row: RowNumber | Literal["auto"] = 1
    member: str | None = None


class SheetFormat(Strict):
    """One sheet of an Excel workbook; whether it is XLSX or XLS is seen from its content.

    Date cells are read as ISO text, whole numbers without decimals, formulas as the value last stored. Rows without
    any filled cell are no rows. A column without a heading must be empty; a row with cells there is unreadable.

    Attributes:
        sheet: Glob on the sheet's name that fits one sheet; without it, the only visible sheet that is filled.
        header_row: Number of the first heading row as Excel counts rows; ``auto`` as for CSV.
        header_rows: How many rows the headings take. With two or three, the heading of a column is what stands above
            it from top to bottom, joined by ``/``; a merged cell stands above all columns it spans.
        footer: Regular expression; the table ends before the first row whose first filled cell it matches. A row
            behind it with more than four filled cells, or half of the headings, refuses the delivery.
        min_cells: Rows at the end of the table with fewer filled cells are footnotes.
    """

    kind: Literal["xlsx", "xls"]
    sheet: str | None = None
    header_row: RowNumber | Literal["auto"] = 1
    header_rows: Annotated[int, Field(ge=1, le=3)] = 1
    footer: Annotated[str, AfterValidator(_regular_expression)] | None = None
    min_cells: Annotated[int, Field(ge=1)] = 1
    member: str | None = None


class NdjsonFormat(Strict):
    """One JSON object a line, UTF-8; nested values are kept as compact JSON text."""

    kind: Literal["ndjson"]
    member: str | None = None


class JsonFormat(Strict):
    """One JSON document with a list of objects, UTF-8; nested values are kept as compact JSON text.

    Attributes:
        records: Dotted path to the list, such as ``data.rows``; empty where the document is the list.
    """

    kind: Literal["json"]
    records: str = ""
    member: str | None = None


FileFormat = CsvFormat | SheetFormat | NdjsonFormat | JsonFormat
