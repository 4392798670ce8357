"""The part of a contract that describes one submitter's own template: format, headings, code words."""

import codecs
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

DateFormat = Literal["YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD", "YYYY年MM月DD日", "YYYYMMDD", "DD-MM-YYYY", "EXCEL"]
Unit = Literal["元", "万元"]


class Strict(BaseModel):
    """Base of all contract parts: unknown keys and wrong types are errors, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _known_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise ValueError(f"Python knows no encoding {name!r}") from error


class CsvFormat(Strict):
    """Delimited text with one heading row; a byte order mark of UTF-8 is skipped."""

    kind: Literal["csv"]
    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    header_row: int = Field(default=1, ge=1, description="number of the heading row, counted in rows from 1")


class NdjsonFormat(Strict):
    """One JSON object a line, UTF-8; nested values are kept as compact JSON text."""

    kind: Literal["ndjson"]


class Profile(Strict):
    """How one submitter writes the columns of the contract.

    Attributes:
        submitter: Full name of who delivers.
        files: Glob on the file name (file drops only); the delivery takes the profile whose glob fits.
        headers: Heading as written to column; a heading equal to a column's name needs no entry.
        ignore: Headings that are read and not kept.
        constants: Columns that the template lacks because they never vary.
        dates: Date formats in use, tried in order.
        units: Unit of amounts whose text names none; 元 where not given.
        lookups: Per column, the submitter's word to ours; a word that is not listed stays as it is.
        null_words: Words that mean "nothing entered".
    """

    submitter: str
    files: str | None = None
    format: CsvFormat | NdjsonFormat = Field(default=NdjsonFormat(kind="ndjson"), discriminator="kind")
    headers: dict[str, str] = {}
    ignore: list[str] = []
    constants: dict[str, str] = {}
    dates: list[DateFormat] = ["YYYY-MM-DD"]
    units: dict[str, Unit] = {}
    lookups: dict[str, dict[str, str]] = {}
    null_words: list[str] = []

    def named_columns(self) -> set[str]:
        """Columns that the profile speaks of anywhere; each must be declared by the contract."""
        return {*self.headers.values(), *self.constants, *self.units, *self.lookups}
