"""Parser process: the text layer of untrusted documents (txt, docx, PDF), several in one file.

The file holds, for each document, one JSON line (``media_type``, ``bytes``) and its bytes. For each one JSON line comes
out at once: ``text`` (what a reader reads, one paragraph or line per line), ``hidden`` (comments, deleted text, remarks
and metadata), ``notes`` (what no rule can look into) and, where the metadata names somebody, ``without_author`` (base64
of the same document without its metadata); or ``error``. A document that stops the process is the one after the last
line.
"""

import base64
import io
import json
import re
import zipfile
from collections.abc import Callable, Collection, Iterator
from typing import Any

from defusedxml.ElementTree import fromstring

from market_regulation.parsers.process import GivenUpError, Output, Request, serve

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CORE = b"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>"""
_NOBODY = ("", "anonymous", "unspecified", "python-docx")
_MEMBER_LIMIT = 64 << 20


def _documents(request: Request, output: Output) -> None:
    with request.file.open("rb") as bundle:
        while head := bundle.readline():
            item = json.loads(head)
            data = bundle.read(item["bytes"])
            try:
                found = _READERS[item["media_type"]](data)
            except KeyError:
                found = {"error": f"no reader for {item['media_type']}"}
            except Exception as error:  # noqa: BLE001, whatever a library raises on a crafted file is one answer
                found = {"error": type(error).__name__}
            output.write(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
            output.flush()


def _read_text(data: bytes) -> dict[str, Any]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return {"text": data.decode(encoding), "hidden": "", "notes": []}
        except UnicodeDecodeError:
            continue
    raise GivenUpError("neither UTF-8 nor GB 18030")


def _read_docx(data: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        if any(info.file_size > _MEMBER_LIMIT for info in archive.infolist()):
            raise GivenUpError("a part is too large")
        text = "\n".join(_lines(archive, _READ, "t"))
        hidden = "\n".join(
            (
                *_lines(archive, _READ, "delText", "instrText"),
                *_lines(archive, r"word/comments[^/]*\.xml", "t", "delText"),
                *_lines(archive, r"docProps/[^/]+\.xml"),
            )
        )
        notes = [note for note, pattern in _OPAQUE.items() if any(re.match(pattern, name) for name in names)]
        body = archive.read("word/document.xml")
        notes += ["tracked_changes"] if b"<w:del " in body or b"<w:ins " in body else []
        notes += [] if text.strip() else ["page_without_text"]
        found = {"text": text, "hidden": hidden, "notes": notes}
        if any(name.lower() not in _NOBODY for name in _authors(archive)):
            found["without_author"] = _encode(_docx_without(archive))
    return found


_READ = r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml"
_OPAQUE = {"embedded": r"word/embeddings/|word/vbaProject|word/activeX/", "comments": r"word/comments"}


def _lines(archive: zipfile.ZipFile, pattern: str, *tags: str) -> list[str]:
    parts = [name for name in archive.namelist() if re.fullmatch(pattern, name)]
    parts.sort(key=lambda name: (name != "word/document.xml", name))
    return [line for name in parts for line in _paragraphs(archive.read(name), tags)]


def _paragraphs(part: bytes, tags: Collection[str]) -> Iterator[str]:
    """Yield the text of each paragraph in elements of these names; without names, all text of the part as one line."""
    root = fromstring(part)
    if not tags:
        yield " ".join(text.strip() for text in root.itertext() if text.strip())
        return
    for paragraph in root.iter(f"{_WORD}p"):
        pieces = []
        for node in paragraph.iter():
            name = node.tag.removeprefix(_WORD)
            pieces.append((node.text or "") if name in tags else " " if name in ("tab", "br") else "")
        yield "".join(pieces)


def _authors(archive: zipfile.ZipFile) -> list[str]:
    if "docProps/core.xml" not in archive.namelist():
        return []
    people = ("creator", "lastModifiedBy")
    nodes = fromstring(archive.read("docProps/core.xml")).iter()
    return [(node.text or "").strip() for node in nodes if node.tag.rpartition("}")[2] in people]


def _docx_without(archive: zipfile.ZipFile) -> bytes:
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target:
        for info in archive.infolist():
            content = _CORE if info.filename == "docProps/core.xml" else archive.read(info)
            target.writestr(zipfile.ZipInfo(info.filename), content, zipfile.ZIP_DEFLATED)
    return copy.getvalue()


def _read_pdf(data: bytes) -> dict[str, Any]:
    from pypdf import PdfReader, PdfWriter

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        raise GivenUpError("encrypted")
    pages = [page.extract_text() for page in reader.pages]
    notes = [] if pages and all(text.strip() for text in pages) else ["page_without_text"]
    if reader.attachments:
        notes.append("embedded")
    fields = [str(field.get("/V", "")) for field in (reader.get_fields() or {}).values()]
    remarks = [
        str(mark.get_object().get("/Contents", "")) for page in reader.pages for mark in page.get("/Annots") or ()
    ]
    metadata = {key: str(value).strip("()").strip() for key, value in (reader.metadata or {}).items()}
    found = {
        "text": "\n".join(line.strip() for text in (*pages, *fields) for line in text.split("\n")),
        "hidden": "\n".join((*remarks, *metadata.values())),
        "notes": notes,
    }
    if metadata.get("/Author", "").lower() not in _NOBODY:
        writer = PdfWriter(clone_from=reader)
        writer.metadata = None
        writer.root_object.pop("/Metadata", None)
        copy = io.BytesIO()
        writer.write(copy)
        found["without_author"] = _encode(copy.getvalue())
    return found


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


_READERS: dict[str, Callable[[bytes], dict[str, Any]]] = {"text/plain": _read_text, DOCX: _read_docx, PDF: _read_pdf}

if __name__ == "__main__":
    serve(_documents)
