"""How a source is fetched: the three kinds a contract may name."""

from typing import Annotated, Literal

from pydantic import Field

from market_regulation.sources.profile import Strict

TableName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]


class FileDrop(Strict):
    """Files that submitters put into ``<home>/inbox/<source>/``."""

    kind: Literal["file_drop"]


class HttpApi(Strict):
    """A JSON API that hands out the records of one business day in numbered pages.

    Attributes:
        url: Address without the query; ``{base}`` is replaced by the base address.
        base_env: Environment variable with the base address.
        base_service: Key of the base address in ``<home>/sandbox/services.json``, used without the variable.
        token_env: Environment variable with the bearer token; without it ``<home>/sandbox/token`` is read.
        query: Parameters of each request; ``{business_day}`` is replaced by the day (ISO).
        page_size: Records asked for per page.
        records: Key of the answer that holds the list of records.
        announced: Key of the answer that holds the number of records over all pages.
    """

    kind: Literal["http_api"]
    url: str
    base_env: str | None = None
    base_service: str | None = None
    token_env: str
    query: dict[str, str] = Field(default={})
    page_size: int = Field(default=200, ge=1, le=10_000)
    records: str
    announced: str


class ExchangeTable(Strict):
    """A table of the exchange database, read from a watermark on.

    Attributes:
        table: Schema and name.
        watermark: Column that grows with each change (timestamptz).
        overlap: How far before the watermark each reading starts, so that rows committed late are seen
            (PostgreSQL interval).
    """

    kind: Literal["exchange_table"]
    table: TableName
    watermark: str
    overlap: str = Field(pattern=r"^\d+ (minutes?|hours?|days?)$")


Fetch = FileDrop | HttpApi | ExchangeTable
