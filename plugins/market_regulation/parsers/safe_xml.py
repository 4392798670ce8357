"""XML element by element through the C parser, which never sees a document that declares a type (a DTD).

Every attack by XML (entities inside and outside of the document, parameter entities, external subsets) needs such a
declaration, it can stand only before the first element, and the standard of workbooks forbids it (ECMA-376, part 2).
So each document is read up to its first element with ``pyexpat`` alone. The C parser calls the same library, set up in
the same way, on the same bytes: both see the same first element, and a declaration behind it is an error to both.
"""

from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree as ET
from xml.parsers import expat

from market_regulation.parsers.process import GivenUpError

BLOCK = 1 << 14
NO_MEMORY = expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]


def elements(source: IO[bytes], holder: str, item: str) -> Iterator[tuple[str, ET.Element]]:
    """Yield each element when it ends, as ``iterparse`` does; the ``holder`` lets an ``item`` go once it was taken.

    Raises:
        GivenUpError: The document declares a type.
        MemoryError: The parser could have no more.
        ParseError: It is no XML.
    """
    held_by: ET.Element | None = None
    try:
        _check_prolog(source)
        source.seek(0)
        for event, element in ET.iterparse(source, ("start", "end")):  # noqa: S314, it declares no type
            if event == "start":
                if element.tag == holder:
                    held_by = element
                continue
            yield event, element
            if element.tag == item and held_by is not None:
                held_by.clear()
    except (expat.ExpatError, ET.ParseError) as error:
        if error.code == NO_MEMORY:
            raise MemoryError from error
        raise


def _check_prolog(source: IO[bytes]) -> None:
    in_prolog = True

    def first_element(_name: str, _attributes: object) -> None:
        nonlocal in_prolog
        in_prolog = False

    parser = expat.ParserCreate(None, "}")
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = first_element
    while in_prolog and (block := source.read(BLOCK)):
        parser.Parse(block)


def _refuse(name: str, *_: object) -> None:
    raise GivenUpError(f"its XML declares a document type ({name[:100]!r}), with or without entities: no workbook may")
