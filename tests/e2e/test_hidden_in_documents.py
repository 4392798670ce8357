"""A document hides nothing from the search: what stands beside or below its text is found or left to a person."""

import io
import re
import zipfile
import zlib
from typing import NamedTuple

import pytest
from crafted_documents import (
    LETTER,
    decision_letter,
    docx,
    doubled,
    draw,
    png,
    revised,
    run,
    with_annotation,
    with_attachment,
    with_font_without_characters,
    with_picture,
    with_script,
    with_stream,
    writer,
)
from disclosure_records import DAY
from disclosure_world import World
from docx import Document
from pypdf import PdfReader
from test_public_documents import arrive, inspected, public_bytes

from market_regulation.disclosure import public_documents
from market_regulation.disclosure.public_documents import DOCX

pytestmark = pytest.mark.e2e
PDF, TXT = "application/pdf", "text/plain"
PHONE = "13800138000"
PERSON = "王小明"
REMARK = f"<x>{PHONE}</x>".encode()
RELATED = (
    b'<Relationships xmlns="r"><Relationship Id="a" Type="hyperlink" Target="mailto:shop@example.com"/></Relationships>'
)
CORE = f'<c xmlns:dc="d"><dc:creator>{PERSON}</dc:creator></c>'.encode()
XMP = f"<rdf><dc:creator>{PERSON}</dc:creator><dc:title>{{}}</dc:title></rdf>"


class Case(NamedTuple):
    """A document and what the inspection says of it."""

    content: bytes
    media_type: str
    findings: str
    is_left_to_a_person: bool


def word(findings: str, body: str = "", /, *, person: bool = False, **parts: bytes) -> Case:
    """A docx; ``__`` in a part's name stands for / and ``_0`` for a dot."""
    named = {name.replace("__", "/").replace("_0", "."): part for name, part in parts.items()}
    return Case(docx(body, named), DOCX, findings, person)


REVIEWER = f'<p xmlns:w="http://schemas.microsoft.com/office/word/2012/wordml" w:author="{PERSON}"/>'.encode()
IN_PIECES = b'<x xmlns:a="a"><a:p><a:t>138</a:t><a:t>00138000</a:t></a:p></x>'
DELETED = f'<w:p><w:del w:id="1"><w:r><w:delText>{PHONE}</w:delText></w:r></w:del></w:p>'
SECOND_CHOICE = f"<w:p><mc:AlternateContent><mc:Fallback>{run(PHONE)}</mc:Fallback></mc:AlternateContent></w:p>"
INLINE = b"BI /W 400 /H 300 /BPC 8 /CS /G ID " + b"\x80" * 120_000 + b" EI"
TEXT = f"BT /F1 9 Tf 9 9 Td ({PHONE}) Tj ET".encode()

CASES = {
    "nothing (docx)": word(""),
    "nothing (pdf)": Case(LETTER, PDF, "", False),
    "seal": word("", word__media__seal_0png=png(150, 150)),
    "picture": word("picture", person=True, word__media__card_0png=png(856, 540)),
    "many small pictures": word("picture", person=True, **{f"word__media__{n}_0png": png(150, 150) for n in range(9)}),
    "small picture with much in it": word("picture", person=True, word__media__a_0png=png(9, 9) + b"\1" * 40_000),
    "remark in a picture": word("mobile", word__media__a_0png=png(9, 9, PHONE)),
    "picture of no known kind": word("picture", person=True, word__media__a_0emf=b"\1\0\0\0"),
    "embedded workbook": word("embedded", person=True, word__embeddings__a_0xlsx=b"PK"),
    "macro": word("embedded", person=True, word__vbaProject_0bin=b"\xd0\xcf"),
    "ActiveX": word("embedded", person=True, word__activeX__a_0bin=b"\xd0\xcf"),
    "altChunk": word("unread_part", person=True, word__afchunk_0htm=f"<p>{PHONE}</p>".encode()),
    "glossary": word("mobile", word__glossary__document_0xml=REMARK),
    "custom XML": word("mobile", customXml__a_0xml=REMARK),
    "XML comment": word("mobile", customXml__a_0xml=f"<!--{PHONE}--><x/>".encode()),
    "chart": word("mobile", word__charts__chart1_0xml=REMARK),
    "diagram in pieces": word("mobile", word__diagrams__data1_0xml=IN_PIECES),
    "comment": word("comments mobile", person=True, word__comments_0xml=REMARK),
    "properties": word("mobile", docProps__custom_0xml=REMARK),
    "link": word("e_mail", word___rels__x_0xml_0rels=RELATED),
    "author": word("author", docProps__core_0xml=CORE),
    "author and more": word("author mobile", docProps__core_0xml=CORE, docProps__app_0xml=REMARK),
    "reviewer": word("author", word__people_0xml=REVIEWER),
    "thumbnail": word("thumbnail", docProps__thumbnail_0jpeg=b"\xff\xd8"),
    "hidden text": word("mobile", run(PHONE, "<w:vanish/>")),
    "deletion": word("mobile tracked_changes", DELETED, person=True),
    "field code": word("mobile", f'<w:p><w:fldSimple w:instr="DOCVARIABLE {PHONE}"/></w:p>'),
    "document variable": word("mobile", word__x_0xml=f'<v><docVar name="a" val="{PHONE}"/></v>'.encode()),
    "alternate content": word("mobile", SECOND_CHOICE),
    "two parts of one name": Case(doubled(), DOCX, "unread_part", True),
    "image": Case(with_picture(856, 540), PDF, "picture", True),
    "image in a form": Case(with_picture(856, 540, in_form=True), PDF, "picture", True),
    "seal (pdf)": Case(with_picture(150, 150), PDF, "", False),
    "inline image": Case(draw(writer(), INLINE), PDF, "picture", True),
    "outlines": Case(draw(writer(), b"0 0 m " + b"1 2 3 4 5 6 c " * 500 + b"f"), PDF, "drawing", True),
    "invisible text": Case(draw(writer(), b"3 Tr " + TEXT), PDF, "mobile", False),
    "text beside the page": Case(draw(writer(), TEXT.replace(b"9 9 Td", b"9000 9 Td")), PDF, "mobile", False),
    "text of a layer": Case(draw(writer(), b"/OC /L BDC " + TEXT + b" EMC"), PDF, "mobile", False),
    "remark": Case(with_annotation({"/Contents": PHONE}), PDF, "mobile", False),
    "author of a remark": Case(with_annotation({"/Contents": "已核对", "/T": PERSON}), PDF, "author", False),
    "look of a remark": Case(with_annotation({}, TEXT), PDF, "mobile", False),
    "XMP": Case(with_stream("/Metadata", XMP.format(PHONE).encode()), PDF, "author mobile", False),
    "author in XMP": Case(with_stream("/Metadata", XMP.format("").encode()), PDF, "author", False),
    "private data": Case(with_stream("/PieceInfo", REMARK, "/Private"), PDF, "mobile", False),
    "script": Case(with_script(f"app.alert('{PHONE}')"), PDF, "mobile script", True),
    "attachment": Case(with_attachment(PHONE.encode()), PDF, "embedded", True),
    "font without characters": Case(with_font_without_characters(), PDF, "unreadable_font", True),
    "earlier revision": Case(revised(decision_letter("沪市监处罚〔2026〕3号", [f"电话{PHONE}"])), PDF, "mobile", False),
    "harmless revision": Case(revised(LETTER), PDF, "", False),
    "object of no table": Case(LETTER + f"\n99 0 obj\n({PHONE})\nendobj\n".encode(), PDF, "unread_part", True),
    "UTF-16": Case(f"电话{PHONE}".encode("utf-16"), TXT, "mobile", False),
    "UTF-16 without a mark": Case(f"电话{PHONE}".encode("utf-16-le"), TXT, "unreadable", True),
    "UTF-32": Case(f"电话{PHONE}".encode("utf-32"), TXT, "mobile", False),
    "mark in UTF-8": Case(f"\ufeff电话{PHONE}".encode(), TXT, "mobile", False),
    "GB 18030": Case(f"电话{'​'.join(PHONE)}".encode("gb18030"), TXT, "mobile", False),
}  # fmt: skip


def opened(content: bytes) -> bytes:
    """Everything in a file: its bytes, the parts of a package, the streams of a PDF."""
    everything = [content]
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            everything += [archive.read(name) for name in archive.namelist()]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            everything.append(zlib.decompress(stream))
        except zlib.error:
            everything.append(stream)
    return b"\n".join(everything)


def test_what_is_hidden_in_a_document_is_found_or_left_to_a_person_and_never_in_the_redacted_copy(world: World) -> None:
    served = {name: arrive(world, case.content, case.media_type) for name, case in CASES.items()}
    public_documents.inspect(DAY)
    said = {name: inspected(world, sha256)[2:] for name, sha256 in served.items()}
    meant = {name: (case.findings, case.is_left_to_a_person) for name, case in CASES.items()}
    assert {name: found for name, found in said.items() if found != meant[name]} == {}
    for name, sha256 in served.items():
        public, media_type, findings, _ = inspected(world, sha256)
        taken_out = {"mobile", "e_mail", "author", "thumbnail"} & {*findings.split()}
        assert (public != sha256) == bool(taken_out), name
        if taken_out:
            content = public_bytes(world, public)
            for value in (PHONE, PERSON, "shop@example.com"):
                for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
                    assert value.encode(encoding) not in opened(content), (name, encoding)
            if media_type == DOCX:
                assert Document(io.BytesIO(content)).paragraphs[0].text == "处以罚款", name
            elif media_type == PDF:
                assert "使用未经检验的电梯" in PdfReader(io.BytesIO(content)).pages[0].extract_text(), name
