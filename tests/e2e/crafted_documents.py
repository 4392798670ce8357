"""Documents with something beside or below the text that a reader sees."""

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Mapping

from docx import Document
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from market_regulation.sandbox.documents import decision_letter

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
LETTER = decision_letter("沪市监处罚〔2026〕3号", ["违法事实：使用未经检验的电梯。"])


def docx(body: str = "", parts: Mapping[str, bytes] | None = None) -> bytes:
    """A docx of the paragraph 处以罚款 and then ``body`` (WordprocessingML), with further parts."""
    shown = "<w:p><w:r><w:t>处以罚款</w:t></w:r></w:p>"
    document = f'<w:document xmlns:w="{WORD}" xmlns:mc="{COMPATIBILITY}"><w:body>{shown}{body}</w:body></w:document>'
    content, copy = io.BytesIO(), io.BytesIO()
    template_of = Document()
    rels = template_of.part.package.rels
    for name in [name for name, part in rels.items() if part.reltype.endswith("/thumbnail")]:
        del rels[name]
    template_of.save(content)
    more = {"word/document.xml": document.encode(), **(parts or {})}
    with zipfile.ZipFile(content) as template, zipfile.ZipFile(copy, "w") as archive:
        for name in template.namelist():
            if name not in more:
                archive.writestr(name, template.read(name))
        for name, part in more.items():
            archive.writestr(name, part)
    return copy.getvalue()


def doubled() -> bytes:
    """A docx with two parts of one name, of which a reader sees one."""
    content = io.BytesIO(docx())
    with zipfile.ZipFile(content, "a") as archive, warnings.catch_warnings(action="ignore"):
        archive.writestr("word/document.xml", archive.read("word/document.xml"))
    return content.getvalue()


def run(text: str, properties: str = "") -> str:
    """A paragraph of one run."""
    return f"<w:p><w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def png(width: int, height: int, remark: str = "") -> bytes:
    """A grey PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress((b"\0" + b"\x80" * width) * height))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"tEXt", b"Comment\0" + remark.encode()) + pixels + chunk(b"IEND", b"")


def writer(data: bytes = LETTER) -> PdfWriter:
    """A writer of the letter."""
    return PdfWriter(clone_from=PdfReader(io.BytesIO(data)))


def written(of: PdfWriter) -> bytes:
    """Its bytes."""
    content = io.BytesIO()
    of.write(content)
    return content.getvalue()


def with_picture(width: int, height: int, *, in_form: bool = False) -> bytes:
    """The letter with an image among the resources of its page or of a form that the page draws."""
    of = writer()
    image = DecodedStreamObject()
    image.set_data(b"\x80" * (width * height))
    sides = {"/Width": NumberObject(width), "/Height": NumberObject(height), "/BitsPerComponent": NumberObject(8)}
    names = {"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": "/DeviceGray"}
    image.update({NameObject(k): NameObject(v) for k, v in names.items()})
    image.update({NameObject(k): v for k, v in sides.items()})
    drawn: StreamObject = image.flate_encode()
    if in_form:
        drawn = form(of, b"q 100 0 0 100 0 0 cm /Im Do Q", DictionaryObject({NameObject("/Im"): of._add_object(drawn)}))
    resources = of.pages[0]["/Resources"].get_object()
    resources[NameObject("/XObject")] = DictionaryObject({NameObject("/Im"): of._add_object(drawn)})
    draw(of, b"q 200 0 0 120 50 50 cm /Im Do Q")
    return written(of)


def form(of: PdfWriter, content: bytes, objects: DictionaryObject | None = None) -> StreamObject:
    """A form XObject with the fonts of the page."""
    found = DecodedStreamObject()
    found.set_data(content)
    resources = DictionaryObject({NameObject("/Font"): of.pages[0]["/Resources"]["/Font"]})
    if objects:
        resources[NameObject("/XObject")] = objects
    found.update({
        NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Form"),
        NameObject("/BBox"): ArrayObject(map(NumberObject, (0, 0, 200, 100))), NameObject("/Resources"): resources,
    })  # fmt: skip
    return found


def draw(of: PdfWriter, content: bytes) -> bytes:
    """Let the page draw this too; return the new file."""
    page = of.pages[0]
    more = DecodedStreamObject()
    more.set_data(page.get_contents().get_data() + b"\n" + content)
    of._replace_object(page.raw_get("/Contents"), more)
    return written(of)


def with_annotation(values: Mapping[str, str], appearance: bytes = b"") -> bytes:
    """The letter with an annotation of these values, which looks like ``appearance``."""
    of = writer()
    mark = DictionaryObject({NameObject(key): TextStringObject(value) for key, value in values.items()})
    mark[NameObject("/Type")], mark[NameObject("/Subtype")] = NameObject("/Annot"), NameObject("/FreeText")
    mark[NameObject("/Rect")] = ArrayObject(NumberObject(n) for n in (0, 0, 9, 9))
    if appearance:
        drawn = of._add_object(form(of, appearance))
        mark[NameObject("/AP")] = DictionaryObject({NameObject("/N"): drawn})
    of.pages[0][NameObject("/Annots")] = ArrayObject([of._add_object(mark)])
    return written(of)


def with_stream(key: str, content: bytes, kind: str = "/Metadata") -> bytes:
    """The letter whose catalogue refers to a stream under ``key``."""
    of = writer()
    stream = DecodedStreamObject()
    stream.set_data(content)
    stream[NameObject("/Type")] = NameObject(kind)
    of.root_object[NameObject(key)] = of._add_object(stream.flate_encode())
    return written(of)


def with_attachment(content: bytes) -> bytes:
    """The letter with a file inside."""
    of = writer()
    of.add_attachment("list.txt", content)
    return written(of)


def with_script(content: str) -> bytes:
    """The letter that runs a script when it is opened."""
    of = writer()
    action = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject(content)}
    of.root_object[NameObject("/OpenAction")] = DictionaryObject({NameObject(k): v for k, v in action.items()})
    return written(of)


def with_font_without_characters() -> bytes:
    """The letter that draws glyphs of a font which does not say what characters they are."""
    of = writer()
    font = {"/Type": "/Font", "/Subtype": "/Type0", "/BaseFont": "/ABCDEF+SimSun", "/Encoding": "/Identity-H"}
    entry = DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})
    entry[NameObject("/DescendantFonts")] = ArrayObject()
    of.pages[0]["/Resources"]["/Font"][NameObject("/F9")] = of._add_object(entry)
    return written(of)


def revised(before: bytes) -> bytes:
    """A file whose last revision shows the letter's text in place of that of ``before``."""
    of = PdfWriter(io.BytesIO(before), incremental=True)
    page = of.pages[0]
    blank = DecodedStreamObject()
    blank.set_data(PdfReader(io.BytesIO(LETTER)).pages[0].get_contents().get_data())
    page[NameObject("/Contents")] = of._add_object(blank)
    return written(of)
