"""Files made to hurt a reader: each with the profile that it is delivered under and what must become of it.

Every case is small on disk. ``says`` must stand in the message of a blocked delivery; a case without it is loaded and
``quarantined`` says how many of its rows cannot be read.
"""

import gzip
import io
import json
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl

HEADING = "编号,名称,日期\n"
GOOD = HEADING + "A1,甲,2026-03-01\n"
XLS = (Path(__file__).parent / "fixtures" / "inspections.xls").read_bytes()
CSV = {"kind": "csv"}
AUTO = {"kind": "csv", "encoding": "auto"}
XLSX = {"kind": "xlsx"}
XLS_FORMAT = {"kind": "xls", "sheet": "检验*", "header_row": 2, "header_rows": 2, "footer": "^注"}
MB = 1 << 20
SHEET = "xl/worksheets/sheet1.xml"
SHARED = "xl/sharedStrings.xml"


@dataclass(frozen=True)
class Hostile:
    """One case.

    Attributes:
        make: Writes the file's bytes.
        format: The profile's format.
        says: Part of the message that refuses it.
        received: Rows counted, refused or not; None where that does not matter.
        quarantined: Rows quarantined where it is not refused.
    """

    make: Callable[[], bytes]
    format: Mapping[str, Any] = field(default_factory=lambda: CSV)
    says: str = ""
    received: int | None = None
    quarantined: int = 0


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """Return a zip archive of the members as given, whatever their names."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def workbook(*rows: list[Any]) -> bytes:
    """Return an XLSX workbook with one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


GOOD_XLSX = workbook(["编号", "名称", "日期"], ["A1", "甲", "2026-03-01"])


def _with_part(part: str, change: Callable[[bytes], bytes], book: bytes = GOOD_XLSX) -> bytes:
    """Return a workbook, by default the good one, with one part of it changed."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zipped(*({**parts, part: change(parts.get(part, b""))}).items())


def with_shared_texts(texts: bytes, rows: bytes) -> bytes:
    """Return the good workbook with a part of shared texts (XML) and other rows."""
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'"/></Types>'
    listed = _with_part("[Content_Types].xml", lambda xml: xml.replace(b"</Types>", override), with_rows(rows))
    table = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + texts + b"</sst>"
    return _with_part(SHARED, lambda _: table, listed)


def with_rows(rows: bytes, before: bytes = b"") -> bytes:
    """Return the good workbook with other rows, and other elements before them (XML)."""
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + before + b"<sheetData>"
    return _with_part(SHEET, lambda _: head + rows + b"</sheetData></worksheet>")


def xls(rows: Iterable[Iterable[str | float]]) -> bytes:
    """Return an XLS workbook (BIFF 8) with one sheet, since nothing in the lock writes one."""

    def record(kind: int, data: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def begin(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 6))

    def cell(row: int, column: int, value: str | float) -> bytes:
        if isinstance(value, str):
            text = value.encode("utf-16-le")
            return record(0x204, struct.pack("<HHHHB", row, column, 0, len(text) // 2, 1) + text)
        return record(0x203, struct.pack("<HHHd", row, column, 0, value))

    end = record(0x0A)
    sheet_at = len(begin(5)) + 13 + len(end)
    book = [begin(5), record(0x85, struct.pack("<IBBBB", sheet_at, 0, 0, 1, 0) + b"S"), end, begin(0x10)]
    book += (cell(n, column, value) for n, row in enumerate(rows) for column, value in enumerate(row) if value != "")
    return _compound(b"".join([*book, end]))


def _compound(stream: bytes) -> bytes:
    """Return a compound file (OLE) with the stream of a workbook of up to 6 MB."""
    stream = stream.ljust(4096, b"\0") + bytes(-max(len(stream), 4096) % 512)
    count = len(stream) // 512
    tables = next(n for n in range(1, 110) if n * 128 >= count + 1 + n)
    last, free, table = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    chain = [*range(1, count), last, last, *[table] * tables]
    chain += [free] * (tables * 128 - len(chain))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, tables, count, 0, 4096, last, 0, last, 0)
    head += struct.pack("<109I", *range(count + 1, count + 1 + tables), *[free] * (109 - tables))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        raw = name.encode("utf-16-le") + b"\0\0"
        return raw.ljust(64, b"\0") + struct.pack("<HBB3I36xIQ", len(raw), kind, 1, free, free, child, start, size)

    folder = entry("Root Entry", 5, 1, last, 0) + entry("Workbook", 2, free, 0, len(stream)) + bytes(256)
    return head + stream + folder + struct.pack(f"<{len(chain)}I", *chain)


def _bomb(size: int) -> bytes:
    """Return a good file with ``size`` zero bytes more as gz, without ever holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(MB)
    return b"".join(
        [packer.compress(GOOD.encode()), *(packer.compress(block) for _ in range(size // MB)), packer.flush()]
    )


def spoilt(data: bytes, offset: int) -> bytes:
    """Return the data with two bytes at ``offset`` replaced; the offsets in use were found by trying them all."""
    return data[:offset] + b"\xf7\xf9" + data[offset + 2 :]


def _link() -> bytes:
    member = zipfile.ZipInfo("link.csv")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zipped((member, b"/etc/passwd"))


def _encrypted() -> bytes:
    data = bytearray(zipped(("a.csv", GOOD.encode())))
    data[data.find(b"PK\x03\x04") + 6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def _declared(
    doctype: str, use: str = "", part: str = SHEET, encoding: str = "utf-8", before: str = "", book: bytes = GOOD_XLSX
) -> bytes:
    """Return a workbook with a document type declared in a part, used in its first text if it is a sheet."""

    def change(data: bytes) -> bytes:
        root = data.decode()[data.decode().index("<", 2) if data.startswith(b"<?") else 0 :]
        if part == SHEET:
            cell = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{use}</t></is></c></row>'
            space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
            root = f'<worksheet xmlns="{space}"><sheetData>{cell}</sheetData></worksheet>'
        return f'<?xml version="1.0" encoding="{encoding}"?>{before}<!DOCTYPE w {doctype}>{root}'.encode(encoding)

    return _with_part(part, change, book)


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
BILLION_LAUGHS = f'[<!ENTITY a0 "ha">{LAUGHS}]'
EXTERNAL_ENTITY = '[<!ENTITY x SYSTEM "file:///etc/passwd">]'
DECLARED = "declares a document type"
EMPTY_ROWS = b'<row><c s="0"/><c/><c/></row>' * 20_000
A_HEADING = (
    b'<row r="1">'
    + "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ("编号", "名称", "日期")).encode()
    + b"</row>"
)
A_ROW = b'<row r="2"><c t="inlineStr"><is><t>A1</t></is></c></row>'

CASES: dict[str, Hostile] = {
    "a gz bomb": Hostile(lambda: _bomb(100 * MB), says="far more than its size should hold"),
    "a zip bomb": Hostile(
        lambda: zipped(("a.csv", GOOD.encode() + bytes(70 * MB))), says="far more than its size should hold"
    ),
    "a zip in a zip": Hostile(lambda: zipped(("a.zip", zipped(("a.csv", GOOD.encode())))), says="there is an"),
    "a gz in a gz": Hostile(lambda: gzip.compress(gzip.compress(GOOD.encode())), says="there is an"),
    "a zip with six thousand members": Hostile(
        lambda: zipped(*((f"{n}.csv", b"") for n in range(6000))), says="at most 5000 are opened"
    ),
    "a zip whose member climbs out": Hostile(lambda: zipped(("../../a.csv", GOOD.encode())), says="leads out"),
    "a zip whose member climbs out the Windows way": Hostile(
        lambda: zipped(("..\\..\\a.csv", GOOD.encode())), says="leads out"
    ),
    "a zip with an absolute member": Hostile(lambda: zipped(("/etc/cron.d/a.csv", GOOD.encode())), says="leads out"),
    "a zip with a link": Hostile(_link, says="is a link"),
    "a zip with a name twice": Hostile(
        lambda: zipped(("a.csv", GOOD.encode()), ("A.csv", b"")).replace(b"A.csv", b"a.csv"), says="is there twice"
    ),
    "a zip with several files": Hostile(
        lambda: zipped(("a.csv", GOOD.encode()), ("b.csv", GOOD.encode())), says="'a.csv', 'b.csv'"
    ),
    "a zip without files": Hostile(lambda: zipped(), says="0 of its 0 members"),
    "an encrypted zip": Hostile(_encrypted, says="deliver it without a password"),
    "a zip cut off": Hostile(lambda: zipped(("a.csv", GOOD.encode() * 99))[:-40], says="the archive is damaged"),
    "a zip with a wrong check sum": Hostile(
        lambda: zipped(("a.csv", GOOD.encode())).replace(zlib.crc32(GOOD.encode()).to_bytes(4, "little"), b"\0\0\0\0"),
        says="Bad CRC-32",
    ),
    "a gz with trailing garbage": Hostile(
        lambda: gzip.compress(GOOD.encode()) + b"garbage", says="the archive is damaged"
    ),
    "a gz cut off": Hostile(lambda: gzip.compress(GOOD.encode() * 999)[:-9], says="the archive is damaged"),
    "an RAR archive": Hostile(lambda: b"Rar!\x1a\x07\x01\x00" + bytes(99), says="a RAR archive"),
    "a workbook where text should be": Hostile(lambda: GOOD_XLSX, says="there is an XLSX workbook"),
    "text where a workbook should be": Hostile(lambda: GOOD.encode(), XLSX, says="it is no workbook"),
    "XLSX with a billion laughs": Hostile(lambda: _declared(BILLION_LAUGHS, "&a9;"), XLSX, says=DECLARED),
    "XLSX with an external entity": Hostile(lambda: _declared(EXTERNAL_ENTITY, "&x;"), XLSX, says=DECLARED),
    "XLSX with a parameter entity": Hostile(
        lambda: _declared('[<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]'), XLSX, says=DECLARED
    ),
    "XLSX with an external document type": Hostile(
        lambda: _declared('SYSTEM "file:///etc/passwd"'), XLSX, says=DECLARED
    ),
    "XLSX with a document type in UTF-16": Hostile(
        lambda: _declared(EXTERNAL_ENTITY, "&x;", encoding="utf-16"), XLSX, says=DECLARED
    ),
    "XLSX with a document type behind a long comment": Hostile(
        lambda: _declared(EXTERNAL_ENTITY, "&x;", before=f"<!--{' ' * MB}-->"), XLSX, says=DECLARED
    ),
    "XLSX with a document type in its shared texts": Hostile(
        lambda: _declared(BILLION_LAUGHS, part=SHARED, book=with_shared_texts(b"", A_HEADING)), XLSX, says=DECLARED
    ),
    "XLSX with a billion laughs in its styles": Hostile(
        lambda: _declared(BILLION_LAUGHS, part="xl/styles.xml"), XLSX, says="EntitiesForbidden"
    ),
    "XLSX with an external entity in its list of sheets": Hostile(
        lambda: _declared(EXTERNAL_ENTITY, part="xl/workbook.xml"), XLSX, says="EntitiesForbidden"
    ),
    "XLSX with a document type inside of its rows": Hostile(
        lambda: with_rows(b"<!DOCTYPE w " + EXTERNAL_ENTITY.encode() + b"><row/>"), XLSX, says="it is damaged"
    ),
    "XLSX that is a zip bomb": Hostile(lambda: with_rows(bytes(70 * MB)), XLSX, says="are the limit for a file"),
    "XLSX that claims to be gigantic": Hostile(
        lambda: with_rows(A_HEADING + A_ROW, before=b'<dimension ref="A1:XFD1048576"/>'),
        XLSX,
        received=1,
    ),
    "XLSX that claims to be one cell": Hostile(
        lambda: with_rows(A_HEADING + A_ROW, before=b'<dimension ref="A1"/>'),
        XLSX,
        received=1,
    ),
    "XLSX with a row beyond the last": Hostile(
        lambda: with_rows(A_HEADING + b'<row r="99999999999"><c><v>1</v></c></row>'),
        XLSX,
        says="more rows than the 1048576",
    ),
    "XLSX with a formula that was never calculated": Hostile(
        lambda: with_rows(A_HEADING + A_ROW + b"<row><c><v>2</v></c><c><f>1.1*3</f></c></row>"),
        XLSX,
        received=2,
        quarantined=1,
    ),
    "XLSX with a formula over several cells that was never calculated": Hostile(
        lambda: with_rows(A_HEADING + A_ROW + b'<row><c><f t="array" ref="A3:A9">1.1*3</f></c></row>'),
        XLSX,
        says="over the cells A3:A9 has no stored results",
    ),
    "XLSX of empty cells": Hostile(lambda: with_rows(EMPTY_ROWS), XLSX, says="no heading row"),
    "XLSX that is damaged": Hostile(lambda: with_rows(b"<row>"), XLSX, says="it is damaged"),
    "XLSX with a part that climbs out": Hostile(
        lambda: GOOD_XLSX.replace(b"docProps/app.xml", b"../../../../app1"), XLSX, says="leads out"
    ),
    "XLS that makes the parser abort": Hostile(lambda: spoilt(XLS, 1874), XLS_FORMAT, says="SIGABRT"),
    "XLS that makes the parser panic": Hostile(lambda: spoilt(XLS, 1570), XLS_FORMAT, says="PanicException"),
    "XLS that makes the parser use up its memory": Hostile(
        lambda: spoilt(XLS, 2145), XLS_FORMAT, says="cannot be read"
    ),
    "XLS that is cut off": Hostile(lambda: XLS[:2000], XLS_FORMAT, says="no readable XLS workbook"),
    "an empty file": Hostile(lambda: b"", says="no heading row"),
    "a file of only headings": Hostile(lambda: HEADING.encode(), says="0 rows"),
    "a file of only blank lines": Hostile(lambda: b"\n\n\r\n", says="no heading row"),
    "a line of 100 MB": Hostile(lambda: GOOD.encode() + b"x" * MB * 100, received=2, quarantined=1),
    "NUL bytes": Hostile(lambda: GOOD.encode() + b"A2,\0,2026-03-01\n\0\0\0\n", received=3, quarantined=2),
    "broken UTF-8": Hostile(lambda: GOOD.encode() + b"A2,\xff\xfe,2026-03-01\n", received=2, quarantined=1),
    "a lone surrogate in UTF-8": Hostile(
        lambda: GOOD.encode() + b"A2,\xed\xa0\x80,2026-03-01\n", received=2, quarantined=1
    ),
    "a lone surrogate in UTF-16": Hostile(
        lambda: (GOOD + "A2,").encode("utf-16") + b"\x00\xd8" + ",2026-03-01\n".encode("utf-16-le"),
        AUTO,
        received=2,
        quarantined=1,
    ),
    "an encoding that is none": Hostile(lambda: GOOD.encode() + b"\xff" * 99, AUTO, says="encoding cannot be told"),
    "a quote open to the end of file": Hostile(
        lambda: (GOOD + '"A2,甲,2026-03-01\n' + "A3,乙,2026-03-01\n" * 9).encode(), received=11, quarantined=1
    ),
    "quotes that cost the square of the file": Hostile(
        lambda: gzip.compress((HEADING + 'x","\n' * 100_000).encode()), says="quotes are opened and not closed"
    ),
    "CSV with 100,000 columns": Hostile(lambda: b",".join(b"h%d" % n for n in range(100_000)), says="and 99990 more"),
    "a row of 100,000 cells": Hostile(lambda: GOOD.encode() + b"," * 100_000 + b"\n", received=2, quarantined=1),
    "JSON nested 100,000 deep": Hostile(
        lambda: b'[{"code":' + b"[" * 100_000 + b"]" * 100_000 + b"}]", {"kind": "json"}, says="nested deeper"
    ),
    "JSON that is cut off": Hostile(lambda: b'[{"code": "A1"', {"kind": "json"}, says="no JSON document"),
    "JSON without its list": Hostile(
        lambda: b'{"rows": 1}', {"kind": "json", "records": "rows"}, says="no list at format.records 'rows'"
    ),
    "JSON with a number that crashes the parser": Hostile(
        lambda: b'[{"code": ' + b"1" * MB + b"}]", {"kind": "json"}, says="it stopped the parser"
    ),
    "JSON with a name twice": Hostile(
        lambda: b'[{"code": "A1", "name": 1, "seen_on": "", "code": "A2"}]',
        {"kind": "json"},
        says="'code' stands twice",
    ),
    "NDJSON with a name twice": Hostile(
        lambda: _line("A1") + _line("A2").replace(b'"name"', b'"code"'), {"kind": "ndjson"}, received=2, quarantined=1
    ),
    "NDJSON nested 100,000 deep": Hostile(
        lambda: _line("A1") + b'{"code":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n" + _line("A2"),
        {"kind": "ndjson"},
        received=3,
        quarantined=1,
    ),
    "NDJSON with a line of 60 MB": Hostile(
        lambda: gzip.compress(_line("A1") + b'{"code":"' + b"x" * MB * 60 + b'"}\n', 1),
        {"kind": "ndjson"},
        received=2,
        quarantined=1,
    ),
}


def _line(code: str) -> bytes:
    return json.dumps({"code": code, "name": "甲", "seen_on": "2026-03-01"}).encode() + b"\n"
