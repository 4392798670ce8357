"""Parser process: what stands in a docx, also where a reader of the page does not see it.

Every part of the package is looked at. A paragraph of the body, a header, footer or note is read as shown. Everything
else in XML is hidden: deleted and hidden text, field codes, the second version of alternate content, comments, charts,
diagrams, glossary, custom XML, properties, targets of links and every attribute. A part that is no XML is a picture or
cannot be read, which a note says.
"""

import io
import re
import zipfile
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder, tostring

from defusedxml.ElementTree import DefusedXMLParser

from market_regulation.parsers.pictures import Picture, picture, printable
from market_regulation.parsers.process import GivenUpError

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SHOWN = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_METADATA = re.compile(r"docProps/[^/]+\.xml|word/people\.xml")
_THUMBNAIL = re.compile(r"docProps/thumbnail\.[^/]+")
_EMBEDDED = re.compile(r"word/(embeddings/|vbaProject|activeX/)")
_TEXT = (f"{_WORD}t", "{http://schemas.openxmlformats.org/officeDocument/2006/math}t")
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BLANKS = {f"{_WORD}tab": " ", f"{_WORD}br": " ", f"{_WORD}cr": " ", f"{_WORD}noBreakHyphen": "-"}
_CHANGES = {f"{_WORD}{name}" for name in ("ins", "del", "moveFrom", "moveTo", "rPrChange", "pPrChange")}
_AUTHOR = "{http://schemas.microsoft.com/office/word/2012/wordml}author"
_NOBODY = ("", "python-docx")
_MEMBER_LIMIT = 64 << 20


def read(data: bytes) -> dict[str, Any]:
    """Return what ``documents`` says of a docx.

    Raises:
        GivenUpError: A part is too large.
        Exception: Whatever a damaged package makes zipfile or the XML parser raise.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if any(info.file_size > _MEMBER_LIMIT for info in members):
            raise GivenUpError("a part is too large")
        package = _Package(archive)
        members.sort(key=lambda info: (info.filename != "word/document.xml", info.filename))
        for info in members:
            package.add(info.filename, archive.read(info))
    if not "".join(package.lines).strip():
        package.notes.add("page_without_text")
    if len({info.filename for info in members}) < len(members):
        package.notes.add("unread_part")
    return {
        "text": "\n".join(package.lines),
        "hidden": package.hidden,
        "notes": sorted(package.notes),
        "pictures": package.pictures,
        "curves": package.curves,
        "metadata": sorted(package.metadata),
        **({"without_metadata": without_metadata(data)} if package.metadata else {}),
    }


def without_metadata(data: bytes) -> bytes:
    """Return the same docx with empty properties, nobody among its people and no small picture of its first page."""
    copy = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target:
        for info in archive.infolist():
            content = archive.read(info)
            if _THUMBNAIL.fullmatch(info.filename):
                continue
            if info.filename == "_rels/.rels":
                content = _without_thumbnail(content)
            if _METADATA.fullmatch(info.filename):
                content = tostring(Element(_parse(content, []).tag), encoding="UTF-8", xml_declaration=True)
            target.writestr(zipfile.ZipInfo(info.filename), content, zipfile.ZIP_DEFLATED)
    return copy.getvalue()


class _Package:
    """What was found in the parts so far."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.lines: list[str] = []
        self.hidden: list[str] = [archive.comment.decode("utf-8", "replace"), *archive.namelist()]
        self.notes: set[str] = set()
        self.pictures: list[Picture] = []
        self.curves = 0
        self.metadata: set[str] = set()

    def add(self, name: str, content: bytes) -> None:
        """Read one part."""
        if name.startswith("word/comments"):
            self.notes.add("comments")
        if name.startswith("word/ink/"):
            self.notes.add("picture")
        if _THUMBNAIL.fullmatch(name):
            self.metadata.add("thumbnail")
        elif name.endswith((".xml", ".rels", ".vml")):
            root = _parse(content, self.hidden)
            if _METADATA.fullmatch(name) and any(person.lower() not in _NOBODY for person in _people(root)):
                self.metadata.add("author")
            self._read(root, None, [], is_shown=_SHOWN.fullmatch(name) is not None)
        elif size := picture(content):
            self.pictures.append(size)
            self.hidden.append(printable(content))
        elif content:
            kind = "picture" if name.startswith("word/media/") else "unread_part"
            self.notes.add("embedded" if _EMBEDDED.match(name) else kind)

    def _read(self, node: Element, line: list[str] | None, aside: list[str], *, is_shown: bool) -> None:
        """Sort the text below ``node`` into the shown ``line`` and the hidden ``aside`` of the paragraph around it."""
        self.hidden += node.attrib.values()
        if node.tag in _CHANGES:
            self.notes.add("tracked_changes")
        tag = node.tag
        self.curves += tag.endswith(("}cubicBezTo", "}quadBezTo", "}arcTo"))
        is_shown = is_shown and tag != _FALLBACK and not _is_vanished(node)
        if tag.endswith("}p"):
            self._read_paragraph(node, is_shown=is_shown)
            return
        if line is not None and is_shown and (tag in _TEXT or tag in _BLANKS):
            line.append(_BLANKS.get(tag, node.text or ""))
        elif node.text and node.text.strip():
            (aside if line is not None else self.hidden).append(node.text)
        for child in node:
            self._read(child, line, aside, is_shown=is_shown)
            if child.tail and child.tail.strip():
                self.hidden.append(child.tail)

    def _read_paragraph(self, paragraph: Element, *, is_shown: bool) -> None:
        line: list[str] = []
        aside: list[str] = []
        place = len(self.lines)
        if is_shown:
            self.lines.append("")
        for child in paragraph:
            self._read(child, line, aside, is_shown=is_shown)
        if is_shown:
            self.lines[place] = "".join(line)
        self.hidden.append("".join(aside))


def _without_thumbnail(relationships: bytes) -> bytes:
    root = _parse(relationships, [])
    for relationship in [*root]:
        if relationship.get("Type", "").endswith("/thumbnail"):
            root.remove(relationship)
    return bytes(tostring(root, encoding="UTF-8", xml_declaration=True))


class _Tree(TreeBuilder):
    """A tree of elements that leaves XML comments and instructions in a list: they may hold text too."""

    def __init__(self, remarks: list[str]) -> None:
        super().__init__()
        self._remarks = remarks

    def comment(self, text: str | None) -> None:  # type: ignore[override]
        """Keep a comment."""
        self._remarks.append(text or "")

    def pi(self, target: str, text: str | None = None) -> None:  # type: ignore[override]
        """Keep an instruction."""
        self._remarks += (target, text or "")


def _parse(content: bytes, remarks: list[str]) -> Element:
    parser = DefusedXMLParser(target=_Tree(remarks))
    parser.feed(content)
    root: Element = parser.close()
    return root


def _is_vanished(node: Element) -> bool:
    """Whether a run is hidden text."""
    hides = node.find(f"{_WORD}rPr/{_WORD}vanish") if node.tag == f"{_WORD}r" else None
    return hides is not None and hides.get(f"{_WORD}val", "true") not in ("0", "false", "off")


def _people(root: Element) -> list[str]:
    people = ("creator", "lastModifiedBy", "Manager")
    named = [node.text for node in root.iter() if node.tag.rpartition("}")[2] in people]
    return [(name or "").strip() for name in (*named, *(node.get(_AUTHOR) for node in root.iter()))]
