"""Parser process: what stands in a PDF, also where no page shows it.

The text of the pages is read whatever its colour, layer, render mode or place. Every other object is looked at too, in
each revision that an incremental update left in the file: the strings of all objects (metadata, remarks, fields, names
of layers) and what is drawn elsewhere are hidden text, pictures are counted, and a note says what cannot be read.
"""

import io
import logging
import re
from collections.abc import Iterator
from typing import Any, cast

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    EncodedStreamObject,
    IndirectObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

from market_regulation.parsers.pictures import Picture, picture, printable
from market_regulation.parsers.process import GivenUpError

MEDIA_TYPE = "application/pdf"
_NOBODY = ("", "anonymous", "unspecified")
_REVISIONS = 8  # earlier ones are left to a person
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")
_PLAYED = ("/RichMedia", "/3D", "/Movie", "/Sound", "/Screen")
_OBJECT = re.compile(rb"(?<![0-9])[0-9]{1,10}[ \t\r\n\f\0]+[0-9]{1,5}[ \t\r\n\f\0]+obj(?![a-z])")
_TABLE = re.compile(rb"(?:startxref|/Prev|/XRefStm)\s+([0-9]{1,12})")  # a table may be an object, which none lists


def read(data: bytes) -> dict[str, Any]:
    """Return what ``documents`` says of a PDF.

    Raises:
        GivenUpError: It is encrypted.
        Exception: Whatever a damaged file makes the library raise.
    """
    logging.disable()
    now = _Revision(data)
    text = [line.strip() for line in now.text.split("\n")]
    known = {*text}
    offsets, drawn, undrawn = set(now.offsets), set(now.drawn), set(now.undrawn)
    ends = _earlier_ends(data)
    for end in ends[-_REVISIONS:]:
        try:
            then = _Revision(data[:end])
        except Exception:  # noqa: BLE001, half a file may raise anything
            now.notes.add("earlier_revision")
            continue
        offsets |= then.offsets
        drawn |= then.drawn
        undrawn |= then.undrawn
        now.notes |= then.notes - {"page_without_text"}
        now.pictures += [size for size in then.pictures if size not in now.pictures]
        now.hidden += [*then.hidden, *then.text.split("\n")]
    if len(ends) > _REVISIONS:
        now.notes.add("earlier_revision")
    offsets |= {int(at) for at in _TABLE.findall(data)}
    if undrawn - drawn or any(found.start() not in offsets for found in _OBJECT.finditer(data)):
        now.notes.add("unread_part")
    return {
        "text": "\n".join(text),
        "hidden": [piece for piece in dict.fromkeys(now.hidden) if piece.strip() not in known],
        "notes": sorted(now.notes),
        "pictures": now.pictures,
        "curves": now.curves,
        **({"metadata": ["author"], "without_metadata": now.without_metadata()} if now.names_somebody() else {}),
    }


def _earlier_ends(data: bytes) -> list[int]:
    """Where an earlier revision ends; the first end of a file made for the web (linearized) is none."""
    ends = [found.end() for found in re.finditer(rb"%%EOF", data)][:-1]
    return ends[1:] if b"/Linearized" in data[:1024] else ends


class _Revision:
    """What was found in a file as its last cross-reference table knows it."""

    def __init__(self, data: bytes) -> None:
        self._reader = PdfReader(io.BytesIO(data))
        if self._reader.is_encrypted:
            raise GivenUpError("encrypted")
        self.hidden: list[str] = []
        self.notes: set[str] = set()
        self.pictures: list[Picture] = []
        self.curves = 0
        self.drawn: set[int] = set()
        self.undrawn: set[int] = set()
        self._fonts: set[int] = set()
        pages = [self._page(page) for page in self._reader.pages]
        if not pages or not all(text.strip() for text in pages):
            self.notes.add("page_without_text")
        fields = [str(field.get("/V", "")) for field in (self._reader.get_fields() or {}).values()]
        self.text = "\n".join((*pages, *fields))
        objects = [*self._objects()]
        for _, entry in objects:
            self._mark_fonts(entry)
        for number, entry in objects:
            self._add(number, entry)
        self._strings(self._reader.trailer)
        self.offsets = {offset for table in self._reader.xref.values() for offset in table.values()}

    def names_somebody(self) -> bool:
        """Whether metadata or a remark names who wrote it."""
        names = [str(self._reader.metadata.get("/Author", "")).strip("()")] if self._reader.metadata else []
        names += [str(entry["/T"]) for _, entry in self._objects() if _is_remark(entry) and "/T" in entry]
        for _, entry in self._objects():
            if isinstance(entry, StreamObject) and entry.get("/Type") == "/Metadata":
                creators = re.findall(r"<dc:creator\b.*?</dc:creator>", _decoded(entry.get_data()), re.DOTALL)
                names += [re.sub(r"<[^>]*>", "", creator) for creator in creators]
        return any(name.strip().lower() not in _NOBODY for name in names)

    def without_metadata(self) -> bytes:
        """Return a copy of what the pages need, without document information, XMP packets and authors of remarks."""
        for _, entry in self._objects():
            if isinstance(entry, DictionaryObject):
                entry.pop("/Metadata", None)
                if _is_remark(entry):
                    entry.pop("/T", None)
        writer = PdfWriter(clone_from=self._reader)
        writer.metadata = None
        copy = io.BytesIO()
        writer.write(copy)
        return copy.getvalue()

    def _page(self, page: PageObject) -> str:
        contents = cast(Any, page).raw_get("/Contents") if "/Contents" in page else ArrayObject()
        for part in (contents, *(parts if isinstance(parts := contents.get_object(), ArrayObject) else ())):
            if isinstance(part, IndirectObject):
                self.drawn.add(part.idnum)
        return page.extract_text(visitor_operand_before=self._operation)

    def _operation(self, operator: bytes, operands: object, *_: object) -> None:
        """Count what a page draws without text."""
        if operator in (b"c", b"v", b"y"):
            self.curves += 1
        elif operator == b"INLINE IMAGE":
            inline = cast(dict[str, Any], operands)
            settings = inline["settings"]
            sides = [
                int(settings.get(long, settings.get(short, 0))) for long, short in (("/Width", "/W"), ("/Height", "/H"))
            ]
            self.pictures.append((sides[0], sides[1], len(inline["data"])))

    def _objects(self) -> Iterator[tuple[int, Any]]:
        reader = self._reader
        numbers = {(number, generation) for generation, table in reader.xref.items() for number in table}
        numbers |= {(number, 0) for number in reader.xref_objStm}
        for number, generation in sorted(numbers):
            entry = reader.get_object(IndirectObject(number, generation, reader))
            if entry is not None:
                yield number, entry

    def _mark_fonts(self, entry: object) -> None:
        if isinstance(entry, DictionaryObject):
            programs = [
                entry.raw_get(key) for key in (*_FONT_FILES, "/ToUnicode", "/CIDToGIDMap", "/Encoding") if key in entry
            ]
            self._fonts |= {program.idnum for program in programs if isinstance(program, IndirectObject)}

    def _add(self, number: int, entry: object) -> None:
        self._strings(entry)
        if not isinstance(entry, StreamObject) or number in self._fonts or number in self.drawn:
            return
        kind = entry.get("/Type"), entry.get("/Subtype")
        if kind[0] in ("/ObjStm", "/XRef"):
            return
        if kind[0] == "/EmbeddedFile":
            self.notes.add("embedded")
        elif kind[1] == "/Image":
            self._picture(entry)
        elif kind[1] == "/Form" or "/PatternType" in entry:
            page = self._reader.pages[0]
            form = cast(EncodedStreamObject, entry)
            self.hidden += page.extract_xform_text(form, visitor_operand_before=self._operation).split("\n")
        elif entry.get_data()[36:40] != b"acsp":  # a colour profile
            self._unknown(number, entry.get_data())

    def _picture(self, entry: StreamObject) -> None:
        raw: bytes = entry._data  # noqa: SLF001, as stored: nobody needs the picture unpacked
        stated = picture(raw) or (0, 0, 0)
        sides = [int(entry.get(key, 0)) for key in ("/Width", "/Height")]
        self.pictures.append((max(sides[0], stated[0]), max(sides[1], stated[1]), len(raw)))
        self.hidden.append(printable(raw))

    def _unknown(self, number: int, data: bytes) -> None:
        """XMP, JavaScript, XFA and whatever else is text is read; drawing that no page asks for cannot be."""
        if re.search(rb"\bT[jJ]\b", data) and re.search(rb"\bBT\b", data):
            self.undrawn.add(number)
        self.hidden.append(_decoded(data))

    def _strings(self, entry: object) -> None:
        """Keep every string and name of an object, not of those that it refers to, and note what is no text."""
        if isinstance(entry, TextStringObject | ByteStringObject):
            self.hidden.append(str(entry) if isinstance(entry, TextStringObject) else _decoded(entry))
            if isinstance(entry, TextStringObject) and not entry.isascii():
                self.hidden.append(_decoded(entry.original_bytes))
        elif isinstance(entry, NameObject):
            self.hidden.append(str(entry))
        elif isinstance(entry, ArrayObject):
            for item in entry:
                self._strings(item)
        elif isinstance(entry, DictionaryObject):
            self._note(entry)
            for key in entry:
                self.hidden.append(str(key))
                self._strings(entry.raw_get(key))

    def _note(self, entry: DictionaryObject) -> None:
        kind = entry.get("/Subtype")
        if "/JS" in entry or entry.get("/S") == "/JavaScript":
            self.notes.add("script")
        if kind in _PLAYED or "/EF" in entry:
            self.notes.add("embedded")
        if kind == "/Type3" or (
            kind == "/Type0" and str(entry.get("/Encoding")).startswith("/Identity") and "/ToUnicode" not in entry
        ):
            self.notes.add("unreadable_font")


def _is_remark(entry: object) -> bool:
    return isinstance(entry, DictionaryObject) and "/Rect" in entry and entry.get("/Subtype") != "/Widget"


def _decoded(data: bytes) -> str:
    for encoding in ("utf-16", "utf-8", "gb18030") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return printable(data)
