"""Public copies of the documents that arrived: shown as served, shown redacted, or left to a person.

Nothing found means that the public bytes are the served bytes (order 45 art. 7). A finding in a docx or txt gives a new
docx or txt of the redacted paragraphs; in a PDF it gives its redacted text as ``text/plain``, because glyphs that a
page hides cannot be taken out safely. What only names its author in its metadata is shown without the metadata. A scan,
an unreadable file, or what rules cannot look into (a picture larger than a seal, an embedded object, a part or a font
that cannot be read) waits for a person, who approves the record that carries it.
"""

import base64
import csv
import datetime as dt
import hashlib
import io
import json
import logging
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import psycopg

from market_regulation import settings
from market_regulation.landing.parser_process import parsed
from market_regulation.landing.records import UnreadableFileError

BUNDLE = 32  # documents per parser process and transaction
BUNDLE_BYTES = 64 << 20
SEARCH_SECONDS = 30  # a text that takes longer to search waits for a person

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

log = logging.getLogger(__name__)

_NEW = """
select d.sha256, d.media_type, octet_length(d.content)
from landing.document as d
where not exists (
    select from disclosure.redacted_document as r where r.sha256_served = d.sha256 and r.profile = %(profile)s
)
order by d.sha256
"""

_REDACT = """
select p.n, (p.redacted).redacted, (p.redacted).kinds, (p.redacted).needs_review
from (
    select t.n, disclosure.redact(t.value, %(rules)s) as redacted
    from unnest(%(texts)s::text[]) with ordinality as t (value, n)
) as p
order by p.n
"""

_INSPECTED = """
insert into disclosure.redacted_document
    (sha256_served, profile, sha256_public, media_type, findings, needs_review, known_from)
values (%(served)s, %(profile)s, %(public)s, %(media_type)s, %(findings)s, %(needs_review)s, %(day)s)
on conflict do nothing
"""

_COPY = "insert into disclosure.redacted_copy (sha256, media_type, content) values (%s, %s, %s) on conflict do nothing"


_APART = "\n。;\n"  # between hidden texts, so that no number goes on from one to the next


class _Served(NamedTuple):
    sha256: str
    media_type: str
    bytes: int


class _Verdict(NamedTuple):
    """What becomes of one document; ``copy`` is None where the served bytes are public."""

    findings: list[str]
    needs_review: bool
    media_type: str
    copy: bytes | None = None


def inspect(day: dt.date) -> int:
    """Inspect every document not seen yet under the profile in force on ``day``; return how many.

    Raises:
        psycopg.Error: The warehouse failed; whole bundles are kept, the rest is inspected by the next run.
    """
    rules, limit = document_rules(day), picture_limit(day)
    both = json.dumps([rules, limit], sort_keys=True, ensure_ascii=False)
    profile = hashlib.sha256(both.encode()).hexdigest()[:16]
    with psycopg.connect(settings.dsn("warehouse", "publisher")) as connection:
        new = [_Served._make(row) for row in connection.execute(_NEW, {"profile": profile})]
        connection.commit()
        for bundle in _bundles(new):
            for served, found in zip(bundle, _read(connection, bundle), strict=True):
                verdict = _judge(connection, served, _noted(found, limit), rules)
                _keep(connection, served, verdict, profile, day)
            connection.commit()
    if new:
        log.info("documents: %d inspected under profile %s", len(new), profile)
    return len(new)


def document_rules(day: dt.date) -> dict[str, dict[str, str]]:
    """Return kind → {action, replacement} for documents on ``day``, from ``seeds/rules/redaction_profile.csv``."""
    rules: dict[str, tuple[tuple[bool, str], dict[str, str]]] = {}
    for row in _rows("redaction_profile", day):
        fits = row["channel"] == "*" and row["record_type"] in ("*", "document") and row["field"] == "*"
        rank = (row["record_type"] == "document", row["known_from"])
        if fits and rank >= rules.get(row["kind"], ((False, ""), {}))[0]:
            rule = {"action": row["action"], "replacement": row["replacement"]}
            rules[row["kind"]] = (rank, rule if row["status"] == "in_force" else {})
    return {kind: rule for kind, (_, rule) in sorted(rules.items()) if rule}


def picture_limit(day: dt.date) -> dict[str, int]:
    """Return up to what size pictures are harmless on ``day``, from ``seeds/rules/picture_limit.csv``; 0: none is."""
    limit = dict.fromkeys(("max_side_px", "max_pixels", "max_bytes", "max_curves"), 0)
    rows = sorted(_rows("picture_limit", day), key=lambda row: row["known_from"])
    return {name: int(rows[-1][name]) for name in limit} if rows and rows[-1]["status"] == "in_force" else limit


def _rows(seed: str, day: dt.date) -> Iterator[dict[str, str]]:
    """Yield the rows of a seed that hold on ``day`` as known then, drafts apart."""
    with (settings.project_root() / f"dbt_project/seeds/rules/{seed}.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            holds = all(row[f"{axis}_from"] <= str(day) < row[f"{axis}_to"] for axis in ("valid", "known"))
            if holds and row["status"] != "draft":
                yield row


def _bundles(documents: Sequence[_Served]) -> Iterator[list[_Served]]:
    bundle: list[_Served] = []
    for document in documents:
        if bundle and (len(bundle) == BUNDLE or sum(d.bytes for d in bundle) + document.bytes > BUNDLE_BYTES):
            yield bundle
            bundle = []
        bundle.append(document)
    if bundle:
        yield bundle


def _read(connection: psycopg.Connection, bundle: Sequence[_Served]) -> list[dict[str, Any]]:
    """Return what the parser says of each document; one that stops the parser is unreadable, the rest is read again."""
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        while len(found) < len(bundle):
            file = Path(folder) / "bundle"
            _write_bundle(connection, bundle[len(found) :], file)
            try:
                with parsed("documents", file) as lines:
                    for line in lines:
                        found.append(json.loads(line))
            except (UnreadableFileError, json.JSONDecodeError):
                found.append({"error": "stopped the parser"})
    return found[: len(bundle)]


def _write_bundle(connection: psycopg.Connection, documents: Sequence[_Served], file: Path) -> None:
    with file.open("wb") as out:
        for document in documents:
            ((content,),) = connection.execute(
                "select content from landing.document where sha256 = %s", [document.sha256]
            ).fetchall()
            out.write(json.dumps({"media_type": document.media_type, "bytes": len(content)}).encode() + b"\n" + content)


def _noted(found: dict[str, Any], limit: dict[str, int]) -> dict[str, Any]:
    """Return what the parser found with a note of pictures and drawings beyond the limit."""
    if "error" in found:
        return found
    pixels = [width * height for width, height, _ in found["pictures"]]
    harmless = sum(pixels) <= limit["max_pixels"] and all(
        max(width, height) <= limit["max_side_px"] and width * height > 0 and size <= limit["max_bytes"]
        for width, height, size in found["pictures"]
    )
    notes = {*found["notes"], *([] if harmless else ["picture"])}
    return found | {"notes": notes | ({"drawing"} if found["curves"] > limit["max_curves"] else set())}


def _judge(
    connection: psycopg.Connection, served: _Served, found: dict[str, Any], rules: dict[str, dict[str, str]]
) -> _Verdict:
    if "error" in found:
        return _Verdict(["unreadable"], needs_review=True, media_type=served.media_type)
    pieces = dict.fromkeys(piece.strip() for piece in found["hidden"])
    texts = [text.replace("\0", "") for text in (found["text"], _APART.join(pieces))]
    try:
        with connection.transaction():
            connection.execute(f"set local statement_timeout = '{SEARCH_SECONDS}s'")
            seen, hidden = connection.execute(_REDACT, {"rules": json.dumps(rules), "texts": texts}).fetchall()
    except psycopg.errors.QueryCanceled:
        return _Verdict(["too_long_to_search"], needs_review=True, media_type=served.media_type)
    (_, public, kinds, blocks), (_, _, hidden_kinds, _) = seen, hidden
    findings = sorted({*kinds, *hidden_kinds, *found["notes"], *found.get("metadata", [])})
    review = bool(blocks or found["notes"])
    if public != texts[0] or hidden_kinds:
        media_type = served.media_type if served.media_type in (DOCX, "text/plain") else "text/plain"
        return _Verdict(findings, review, media_type, _docx(public) if media_type == DOCX else public.encode())
    copy = base64.b64decode(found["without_metadata"]) if "without_metadata" in found else None
    return _Verdict(findings, review, served.media_type, copy)


def _keep(connection: psycopg.Connection, served: _Served, verdict: _Verdict, profile: str, day: dt.date) -> None:
    public = served.sha256
    if verdict.copy is not None:
        public = hashlib.sha256(verdict.copy).hexdigest()
        connection.execute(_COPY, [public, verdict.media_type, verdict.copy])
    values = {"served": served.sha256, "public": public, "profile": profile, "day": day}
    of_verdict = {"media_type": verdict.media_type, "needs_review": verdict.needs_review}
    connection.execute(_INSPECTED, {**values, **of_verdict, "findings": " ".join(verdict.findings)})


def _docx(text: str) -> bytes:
    """Return a docx of plain paragraphs, without metadata, the same bytes for the same text."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", text)  # no XML document may hold these
    paragraphs = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in text.split("\n")
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{DOCX}.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{word}"><w:body>{paragraphs}</w:body></w:document>',
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, part in parts.items():
            xml = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{part}'
            archive.writestr(zipfile.ZipInfo(name), xml.encode(), zipfile.ZIP_DEFLATED)
    return content.getvalue()
