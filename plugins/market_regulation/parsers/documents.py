"""Parser process: what stands in untrusted documents (txt, docx, PDF), several in one file.

The file holds, for each document, one JSON line (``media_type``, ``bytes``) and its bytes. For each one JSON line comes
out at once: ``text`` (what a reader reads, one paragraph or line per line), ``hidden`` (texts that stand elsewhere:
metadata, remarks, deleted text, earlier revisions), ``notes`` (what no rule can look into), ``pictures`` (width and
height in pixels, bytes), ``curves`` (how many are drawn) and, where it carries more than a reader needs, ``metadata``
(who wrote it, a thumbnail) and ``without_metadata`` (base64 of the same document without them); or ``error``. A
document that stops the process is the one after the last line.
"""

import base64
import codecs
import json
from collections.abc import Callable
from typing import Any

from market_regulation.parsers import pdf, word
from market_regulation.parsers.process import GivenUpError, Output, Request, serve

_MARKS = {  # the longer mark begins with the shorter one
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


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
            if "without_metadata" in found:
                found["without_metadata"] = base64.b64encode(found["without_metadata"]).decode()
            output.write(json.dumps(found).encode() + b"\n")
            output.flush()


def _read_text(data: bytes) -> dict[str, Any]:
    marked = next((encoding for mark, encoding in _MARKS.items() if data.startswith(mark)), None)
    for encoding in [marked] if marked else ["utf-8-sig", "gb18030"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:  # UTF-16 without a mark reads as other characters in both
            return {"text": text, "hidden": [], "notes": [], "pictures": [], "curves": 0}
    raise GivenUpError("neither UTF-8 nor GB 18030 nor marked UTF-16")


_READERS: dict[str, Callable[[bytes], dict[str, Any]]] = {
    "text/plain": _read_text,
    word.MEDIA_TYPE: word.read,
    pdf.MEDIA_TYPE: pdf.read,
}

if __name__ == "__main__":
    serve(_documents)
