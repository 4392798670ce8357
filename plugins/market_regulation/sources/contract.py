"""The contract of one source: the shape of ``dags/sources/<source>.yml``.

A contract says who publishes what under which legal basis, how it is fetched, how each submitter writes it, and
which columns it has. It decides nothing about acceptance (``expectations/``) or publication (``seeds/rules``).
"""

import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from market_regulation import settings
from market_regulation.sources.fetching import FILE_KINDS, Fetch
from market_regulation.sources.file_format import NdjsonFormat
from market_regulation.sources.profile import Profile
from market_regulation.sources.strict import Strict

ColumnName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,50}$")]
ColumnType = Literal["text", "code", "date", "amount", "json", "document", "timestamp", "integer"]
RESERVED = {"business_day", "delivery_id", "row_no", "submitter", "profile", "row_key"}
KEY_TYPES = ("code", "text", "date")


class Column(Strict):
    """One column. Everything lands as text; the type says how it is read.

    Attributes:
        type: ``code`` is compared without blanks, in half width and upper case; ``document`` holds the SHA-256 of
            a file kept in landing.document; ``amount`` is read as 元.
        personal: Kind of personal data, if any; such columns end in staging.
        unit: Unit of the column once read (amounts).
        optional: The column may be missing from a delivery altogether; in a key (text only) it may be empty.
        normalise: ``document_no`` writes all kinds of brackets as 〔〕 (domain: 文号 rules).
        media_type_column: For a document, the column of the same row with its media type.
    """

    type: ColumnType
    title: str
    description: str = ""
    personal: Literal["identity", "phone", "address", "name"] | None = None
    unit: Literal["元"] | None = None
    optional: bool = False
    normalise: Literal["document_no"] | None = None
    media_type_column: str | None = None

    @model_validator(mode="after")
    def _options_fit_the_type(self) -> Self:
        if self.unit and self.type != "amount":
            raise ValueError("unit: only a column of type amount has one")
        if self.normalise and self.type != "code":
            raise ValueError("normalise: only for a column of type code")
        if (self.media_type_column is not None) != (self.type == "document"):
            raise ValueError("media_type_column: required for type document, not allowed otherwise")
        return self


class Publisher(Strict):
    """Who issues the data."""

    name: str
    official: bool


class Volume(Strict):
    """Rows expected in one delivery: fewer than ``min`` block it, more than ``max`` warn."""

    min: int = Field(ge=0)
    max: int = Field(ge=1)


class Freshness(Strict):
    """How old the newest value of a date column may be, in calendar days before the business day."""

    column: str
    warn_days: int = Field(ge=0)
    error_days: int = Field(ge=1)


class Source(Strict):
    """One contract, complete and consistent in itself.

    Attributes:
        correction_days: Working days in which a submitter corrects a rejected row; later it is overdue.
    """

    source: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)+$", max_length=40)]
    title: str
    description: str
    publisher: Publisher
    owner: str
    tier: Literal[1, 2, 3]
    legal_basis: str
    schedule: str
    deadline: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    fetch: Fetch = Field(discriminator="kind")
    key: list[str] = Field(min_length=1)
    columns: dict[ColumnName, Column]
    profiles: dict[ColumnName, Profile] = Field(min_length=1)
    volume: Volume
    freshness: Freshness
    correction_days: int = Field(default=10, ge=1)
    declared_in: Path

    @property
    def suite_file(self) -> Path:
        """Suite of the source: ``expectations/<source>.yml`` of the project, or beside a contract from elsewhere."""
        root, folder = settings.project_root(), self.declared_in.parent
        home = root if folder == root / "dags" / "sources" else folder
        return home / "expectations" / f"{self.source}.yml"

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        if clash := RESERVED & set(self.columns):
            raise ValueError(f"columns: {sorted(clash)} are names of the platform's own columns")
        self._must_be_columns("key", self.key)
        self._must_be_columns("freshness.column", [self.freshness.column])
        for name, column in self.columns.items():
            self._must_be_columns(f"columns.{name}.media_type_column", [column.media_type_column or name])
        for name, profile in self.profiles.items():
            self._must_be_columns(f"profiles.{name}", profile.named_columns())
        if self.fetch.kind == "exchange_table":
            self._must_be_columns("fetch.watermark", [self.fetch.watermark])
        return self

    @model_validator(mode="after")
    def _key_identifies_a_row(self) -> Self:
        if all(self.columns[name].optional for name in self.key):
            raise ValueError("key: at least one of its columns must not be optional")
        for name in self.key:
            if self.columns[name].type not in KEY_TYPES:
                raise ValueError(f"key: {name} must be of type {', '.join(KEY_TYPES)}")
            if self.columns[name].optional and self.columns[name].type != "text":
                raise ValueError(f"key: {name} is optional, so it must be of type text")
        return self

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Self:
        if self.columns[self.freshness.column].type not in ("date", "timestamp"):
            raise ValueError(f"freshness.column: {self.freshness.column} is neither a date nor a timestamp")
        for name, profile in self.profiles.items():
            if in_key := sorted(set(self.key) & set(profile.lookups)):
                raise ValueError(
                    f"profiles.{name}.lookups: {in_key} belong to the key, which is compared as it is written"
                )
            for column, text in profile.constants.items():
                _check_constant(f"profiles.{name}.constants.{column}", self.columns[column].type, text)
            if wrong := [c for c in profile.units if self.columns[c].type != "amount"]:
                raise ValueError(f"profiles.{name}.units: {wrong} are no amounts")
            if self.fetch.kind not in FILE_KINDS and (profile.files or not isinstance(profile.format, NdjsonFormat)):
                raise ValueError(
                    f"profiles.{name}: files and format are for files, a source of kind {self.fetch.kind} has none"
                )
        if self.fetch.kind not in FILE_KINDS and len(self.profiles) != 1:
            raise ValueError(f"profiles: a source of kind {self.fetch.kind} has exactly one")
        return self

    def _must_be_columns(self, where: str, names: "set[str] | list[str]") -> None:
        if unknown := sorted(set(names) - set(self.columns)):
            raise ValueError(f"{where}: {unknown} are not columns of this contract")


def _check_constant(where: str, kind: ColumnType, text: str) -> None:
    """Refuse a constant that would first be read as what it is not: here it can be written as it is to be read."""
    if kind == "amount" and not re.fullmatch(r"(0|[1-9][0-9]{0,12})[.][0-9]{2}", text):
        raise ValueError(f"{where}: {text!r} must be an amount written like 1000.00, without commas and unit")
    if kind == "date" and not _is_iso_date(text):
        raise ValueError(f"{where}: {text!r} must be a date written like 2026-03-16")


def _is_iso_date(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
