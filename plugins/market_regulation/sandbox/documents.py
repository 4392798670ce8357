"""Decision letters (行政处罚决定书) as small PDF files, the same bytes for the same words."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO

MEDIA_TYPE = "application/pdf"
_FONT = "STSong-Light"
_CHARACTERS_PER_LINE = 36


def decision_letter(document_no: str, paragraphs: Sequence[str]) -> bytes:
    """A one-page PDF: title, number, paragraphs.

    The font is one of the reader's own (CID-keyed, not embedded), the date and the file identifier are fixed.
    """
    from reportlab.pdfgen.canvas import Canvas

    _register_font()
    buffer = BytesIO()
    page = Canvas(buffer, pagesize=(595, 842), invariant=1, pageCompression=0)
    page.setTitle(document_no)
    page.setFont(_FONT, 18)
    page.drawCentredString(297, 780, "行政处罚决定书")
    page.setFont(_FONT, 11)
    page.drawCentredString(297, 755, document_no)
    height = 720
    for line in _lines(paragraphs):
        page.drawString(70, height, line)
        height -= 18
    page.showPage()
    page.save()
    return buffer.getvalue()


def letter_text(document_no: str, paragraphs: Sequence[str]) -> str:
    """What a reader reads in that PDF, line by line."""
    return "".join(f"{line}\n" for line in ("行政处罚决定书", document_no, *_lines(paragraphs)))


def _lines(paragraphs: Sequence[str]) -> list[str]:
    width = _CHARACTERS_PER_LINE
    return [paragraph[start : start + width] for paragraph in paragraphs for start in range(0, len(paragraph), width)]


@cache
def _register_font() -> None:
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.pdfmetrics import registerFont

    registerFont(UnicodeCIDFont(_FONT))
