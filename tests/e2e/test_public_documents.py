"""What the public may see of a document: as served, redacted, or only after a person has looked."""

import hashlib
import io
import json
import zipfile

import pytest
from disclosure_records import DAY, penalty, record_id
from disclosure_world import World
from docx import Document
from pypdf import PdfReader, PdfWriter

from market_regulation.disclosure import plan, public_documents, reviews
from market_regulation.disclosure.public_documents import DOCX
from market_regulation.sandbox.documents import decision_letter

pytestmark = pytest.mark.e2e

CLEAN = decision_letter("沪市监处罚〔2026〕1号", ["违法事实：使用未经检验的电梯。"])
WITH_NUMBERS = decision_letter("沪市监处罚〔2026〕2号", ["身份证号11010519491231002X，电话13800138000，处以罚款。"])


def docx(*paragraphs: str, author: str = "", comment: str = "") -> bytes:
    """A docx with these paragraphs, a table cell and a header."""
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.core_properties.author = author
    if comment:
        document.add_comment(document.paragraphs[0].runs, comment)
    package = document.part.package
    for name in [name for name, part in package.rels.items() if part.reltype.endswith("/thumbnail")]:
        del package.rels[name]  # of the template
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def scan() -> bytes:
    """A PDF page without any text."""
    writer, content = PdfWriter(), io.BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(content)
    return content.getvalue()


def bomb() -> bytes:
    """A docx whose body is 200 MB of blanks."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (200 << 20))
    return content.getvalue()


def arrive(world: World, content: bytes, media_type: str) -> str:
    """Put a document into the landing store; return its hash."""
    sha256 = hashlib.sha256(content).hexdigest()
    world.loader.execute("insert into landing.document values (%s, %s, %s)", [sha256, media_type, content])
    return sha256


def inspected(world: World, sha256: str) -> tuple[str, str, str, bool]:
    """Public hash, media type, findings and whether a person is asked."""
    ((*found,),) = world.publisher.execute(
        "select sha256_public, media_type, findings, needs_review from disclosure.redacted_document"
        " where sha256_served = %s",
        [sha256],
    )
    public, media_type, findings, needs_review = found
    return public, media_type, findings, needs_review


def public_bytes(world: World, sha256: str) -> bytes:
    """Content of a public document."""
    ((content,),) = world.publisher.execute(
        "select content from disclosure.public_document where sha256 = %s", [sha256]
    ).fetchall()
    return bytes(content)


def test_documents_are_served_redacted_or_left_to_a_person(world: World) -> None:
    clean = arrive(world, CLEAN, "application/pdf")
    personal = arrive(world, WITH_NUMBERS, "application/pdf")
    word = arrive(world, docx("当事人：某公司", "投诉人李四，电话13800138000。"), DOCX)
    text = arrive(world, "卡号6222021234567890123\n处以罚款".encode("gb18030"), "text/plain")
    blank = arrive(world, scan(), "application/pdf")
    broken = arrive(world, b"%PDF-1.7 broken", "application/pdf")
    huge = arrive(world, bomb(), DOCX)
    picture = arrive(world, b"\x89PNG", "image/png")

    assert public_documents.inspect(DAY) == 8
    assert public_documents.inspect(DAY) == 0

    assert inspected(world, clean) == (clean, "application/pdf", "", False)
    sha256, media_type, findings, review = inspected(world, personal)
    assert (media_type, findings, review) == ("text/plain", "identity_number mobile", False)
    shown = public_bytes(world, sha256).decode()
    assert "身份证号，电话，处以罚款。" in shown.replace("\n", "")
    sha256, media_type, findings, review = inspected(world, word)
    assert (media_type, findings, review) == (DOCX, "mobile uninvolved_name", False)
    opened = Document(io.BytesIO(public_bytes(world, sha256)))
    assert [p.text for p in opened.paragraphs] == ["当事人：某公司", "投诉人李某，电话。"]
    sha256, media_type, findings, review = inspected(world, text)
    assert public_bytes(world, sha256).decode() == "卡号\n处以罚款"
    assert inspected(world, blank) == (blank, "application/pdf", "page_without_text", True)
    assert [inspected(world, d)[2:] for d in (broken, huge, picture)] == [("unreadable", True)] * 3


def test_nobody_who_only_wrote_the_document_is_named(world: World) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(CLEAN)))
    writer.add_metadata({"/Author": "王小明"})
    content = io.BytesIO()
    writer.write(content)
    pdf = arrive(world, content.getvalue(), "application/pdf")
    word = arrive(world, docx("处以罚款", author="王小明"), DOCX)

    public_documents.inspect(DAY)

    for served in (pdf, word):
        public, _, findings, review = inspected(world, served)
        assert (public != served, findings, review) == (True, "author", False)
    copy = public_bytes(world, inspected(world, pdf)[0])
    assert "使用未经检验的电梯" in PdfReader(io.BytesIO(copy)).pages[0].extract_text()
    assert "王小明".encode() not in copy
    assert "王小明".encode("utf-16-be") not in copy
    copied = Document(io.BytesIO(public_bytes(world, inspected(world, word)[0])))
    assert ([p.text for p in copied.paragraphs], copied.core_properties.author) == (["处以罚款"], "")


def test_what_stands_in_a_comment_is_found_and_not_shown(world: World) -> None:
    word = arrive(world, docx("处以罚款", comment="已联系13800138000"), DOCX)
    public_documents.inspect(DAY)
    public, _, findings, review = inspected(world, word)
    assert (findings, review) == ("comments mobile", True)
    with zipfile.ZipFile(io.BytesIO(public_bytes(world, public))) as archive:
        assert not any(b"13800138000" in archive.read(name) for name in archive.namelist())


def test_a_document_that_stops_the_parser_takes_no_other_with_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = [f"第{n}号决定书".encode() for n in range(3)]
    names = sorted(arrive(world, content, "text/plain") for content in contents)
    killer = names[1]
    real = public_documents._write_bundle

    def write(connection: object, documents: list[public_documents._Served], file: object) -> None:
        of = [d if d.sha256 != killer else d._replace(media_type="text/plain") for d in documents]
        real(connection, of, file)  # type: ignore[arg-type]
        if documents[0].sha256 == killer:
            file.write_bytes(b"no bundle at all\n" + file.read_bytes())  # type: ignore[attr-defined]
        elif killer in {d.sha256 for d in documents}:
            head, _, rest = file.read_bytes().partition(b"\n")  # type: ignore[attr-defined]
            size = json.loads(head)["bytes"]
            file.write_bytes(head + b"\n" + rest[:size] + b"no bundle at all\n")  # type: ignore[attr-defined]

    monkeypatch.setattr(public_documents, "_write_bundle", write)
    public_documents.inspect(DAY)
    assert [inspected(world, name)[2] for name in names] == ["", "unreadable", ""]


def test_the_channel_gets_the_public_bytes_and_never_the_served_ones(world: World) -> None:
    served = arrive(world, WITH_NUMBERS, "application/pdf")
    public_documents.inspect(DAY)
    public, media_type, _, _ = inspected(world, served)
    of = [{"kind": "行政处罚决定书", "media_type": media_type, "sha256": public}]
    world.due("P1", penalty("P1", b"", documents=of), record_type="administrative_penalty", served_sha256=served)

    assert world.disclose()["match"] == 1

    row = world.publisher.execute("select sha256_served, sha256_public, redaction_profile from disclosure.attachment")
    ((was_served, is_public, profile),) = row.fetchall()
    assert (was_served, is_public, len(profile)) == (served, public, 16)
    sent = world.exchange.execute("select sha256, content from outbound.attachment").fetchall()
    assert [sha256 for sha256, _ in sent] == [public]


def test_a_document_nobody_has_inspected_is_not_sent(world: World) -> None:
    served = arrive(world, CLEAN, "application/pdf")
    of = [{"kind": "行政处罚决定书", "media_type": "application/pdf", "sha256": served}]
    world.due("P1", penalty("P1", b"", documents=of), record_type="administrative_penalty", served_sha256=served)
    assert plan.plan(DAY).held == {"document_not_stored": 1}


def test_who_let_a_scan_pass_stands_beside_it(world: World) -> None:
    served = arrive(world, scan(), "application/pdf")
    public_documents.inspect(DAY)
    of = [{"kind": "行政处罚决定书", "media_type": "application/pdf", "sha256": served}]
    payload = penalty("P1", b"", documents=of)
    found = {"review_required": True, "findings": "document:page_without_text", "served_sha256": served}
    world.due("P1", payload, record_type="administrative_penalty", **found)
    assert plan.plan(DAY).held == {"redaction_review_open": 1}
    (question,) = reviews.to_hand_over(10)
    assert question.subject.endswith("found document:page_without_text")

    reviews.record(question.review_id, "approved", "checker", DAY, "read the scan")

    assert plan.plan(DAY).operations == {"UPSERT": 1}
    reviewed = world.publisher.execute(
        "select reviewed_by from disclosure.attachment where record_id = %s",
        [record_id("P1", "administrative_penalty")],
    ).fetchall()
    assert reviewed == [("checker",)]
