"""The part of a contract that describes one submitter's own template: headings, dates, code words."""

import re
from typing import Literal, Self

from pydantic import Field, model_validator

from market_regulation.sources.file_format import CsvFormat, FileFormat, JsonFormat, NdjsonFormat, SheetFormat
from market_regulation.sources.headings import same_heading
from market_regulation.sources.strict import Strict

__all__ = ["CsvFormat", "DateFormat", "JsonFormat", "NdjsonFormat", "Profile", "SheetFormat", "Strict", "Unit"]

DateFormat = Literal["YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD", "YYYY年MM月DD日", "YYYYMMDD", "DD-MM-YYYY", "EXCEL"]
Unit = Literal["元", "万元"]


class Profile(Strict):
    """How one submitter writes the columns of the contract.

    Headings are compared in half width and without blanks and line breaks, here and in the file.

    Attributes:
        submitter: Full name of who delivers.
        files: Glob on the file name (file-like kinds only); the delivery takes the profile whose glob fits.
        headers: Heading as written to column, or to several columns that each get the cell as it is; a heading equal
            to a column's name needs no entry. In JSON, ``sample.no`` is the member ``no`` of the object ``sample``.
        ignore: Headings that are read and not kept; ``*`` in one stands for anything.
        constants: Columns that the template lacks because they never vary.
        splits: Per column, a regular expression whose one group is the part of the cell that belongs to the column. A
            cell that does not fit stays whole, unless a column that shares it takes all of it.
        dates: Date formats in use, tried in order.
        units: Unit of amounts whose text names none; 元 where not given.
        lookups: Per column, the submitter's word to ours; a word that is not listed stays as it is.
        null_words: Words that mean "nothing entered".
    """

    submitter: str
    files: str | None = None
    format: FileFormat = Field(default=NdjsonFormat(kind="ndjson"), discriminator="kind")
    headers: dict[str, str | list[str]] = Field(default={})
    ignore: list[str] = Field(default=[])
    constants: dict[str, str] = Field(default={})
    splits: dict[str, str] = Field(default={})
    dates: list[DateFormat] = Field(default=["YYYY-MM-DD"])
    units: dict[str, Unit] = Field(default={})
    lookups: dict[str, dict[str, str]] = Field(default={})
    null_words: list[str] = Field(default=[])

    @property
    def targets(self) -> dict[str, list[str]]:
        """Columns of each heading of ``headers``, in the form in which headings are compared."""
        return {
            same_heading(heading): [columns] if isinstance(columns, str) else columns
            for heading, columns in self.headers.items()
        }

    def sharing(self, column: str) -> list[str]:
        """Return the other columns that get their cells from a heading of ``column``."""
        others = {other for columns in self.targets.values() if column in columns for other in columns}
        return sorted(others - {column})

    def ignores(self, heading: str) -> bool:
        """Tell whether a heading (in the form in which they are compared) is read and not kept."""
        return any(
            re.fullmatch(".*".join(map(re.escape, map(same_heading, ignored.split("*")))), heading)
            for ignored in self.ignore
        )

    def named_columns(self) -> set[str]:
        """Columns that the profile speaks of anywhere; each must be declared by the contract."""
        in_headers = {column for columns in self.targets.values() for column in columns}
        return {*in_headers, *self.constants, *self.splits, *self.units, *self.lookups}

    @model_validator(mode="after")
    def _headings_differ(self) -> Self:
        alike = [same_heading(heading) for heading in self.headers]
        if twice := sorted({heading for heading in alike if alike.count(heading) > 1}):
            raise ValueError(f"headers: {twice} stand there twice, blanks and width apart")
        if empty := [heading for heading, columns in self.headers.items() if not columns]:
            raise ValueError(f"headers: {empty} lead to no column; a heading that is not kept belongs into ignore")
        return self

    @model_validator(mode="after")
    def _splits_take_one_part(self) -> Self:
        for column, pattern in self.splits.items():
            try:
                groups = re.compile(pattern).groups
            except re.error as error:
                raise ValueError(f"splits.{column}: {error}") from error
            if found := re.search(r"\\[a-zA-Z0-9]|\(\?", pattern):
                raise ValueError(
                    f"splits.{column}: {found.group()} differs between Python and PostgreSQL; write the characters out"
                )
            if groups != 1:
                raise ValueError(f"splits.{column}: has {groups} groups (…) and must have one, the part to keep")
        return self
