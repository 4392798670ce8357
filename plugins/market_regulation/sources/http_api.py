"""A JSON API that hands out one business day's records in numbered pages.

Each page is asked for again when the transport fails or the server is busy; every other refusal ends the pull. The
number of records the source announces is kept with the delivery, which is blocked if another number arrived.
"""

import datetime as dt
import json
import os
from collections.abc import Iterator
from typing import Any

import httpx
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_exponential

from market_regulation import settings
from market_regulation.sources.arrival import Arrival
from market_regulation.sources.contract import Source
from market_regulation.sources.fetching import HttpApi
from market_regulation.sources.ndjson import line
from market_regulation.sources.store import StoreWriter

TIMEOUT_SECONDS = 30
TRIES = 5
BUSY = {408, 425, 429, 500, 502, 503, 504}


class AnswerError(RuntimeError):
    """The API answered, but not with what the contract says."""


def fetch(source: Source, api: HttpApi, day: dt.date) -> Iterator[Arrival]:
    """Yield one arrival with all records of ``day``; none when the source has none.

    Raises:
        httpx.HTTPError: The API cannot be reached or refuses.
        AnswerError: The answer is not of the agreed shape, or address or token are not known.
    """
    profile_name, profile = next(iter(source.profiles.items()))
    url = api.url.replace("{base}", _base(api))
    received, announced = 0, None
    with StoreWriter(source.source, "ndjson") as store, _client(api) as client:
        for answer in _pages(client, url, api, day):
            announced = _announced(answer, api)
            for record in answer[api.records]:
                store.write(line(record))
                received += 1
        if not received and not announced:
            return
        sha256, size = store.keep(), store.size
    yield Arrival(
        identity=f"{api.url}|{day}|{sha256}",
        uri=f"{url}?business_day={day}",
        profile=profile_name,
        submitter=profile.submitter,
        sha256=sha256,
        size=size,
        announced_rows=announced,
    )


def _pages(client: httpx.Client, url: str, api: HttpApi, day: dt.date) -> Iterator[dict[str, Any]]:
    """Yield the pages up to the first that is empty or completes the announced number."""
    query = {name: text.replace("{business_day}", day.isoformat()) for name, text in api.query.items()}
    page = received = 0
    while True:
        page += 1
        answer = _get(client, url, {**query, "page": str(page), "page_size": str(api.page_size)})
        records = answer.get(api.records)
        if not isinstance(records, list):
            raise AnswerError(f"{url} page {page}: no list {api.records!r} in the answer (contract: fetch.records)")
        received += len(records)
        yield answer
        if not records or received >= _announced(answer, api):
            return


def _announced(answer: dict[str, Any], api: HttpApi) -> int:
    number = answer.get(api.announced)
    if not isinstance(number, int):
        raise AnswerError(f"{api.url}: no number {api.announced!r} in the answer (contract: fetch.announced)")
    return number


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in BUSY
    return isinstance(error, httpx.TransportError)


@retry(
    retry=retry_if_exception(_is_transient),
    stop=stop_after_attempt(TRIES),
    wait=wait_exponential(multiplier=0.5, max=30),
    reraise=True,
)
def _get(client: httpx.Client, url: str, query: dict[str, str]) -> dict[str, Any]:
    response = client.get(url, params=query)
    response.raise_for_status()
    try:
        answer = response.json()
    except ValueError as error:
        raise AnswerError(f"{response.url}: the answer is no JSON") from error
    if not isinstance(answer, dict):
        raise AnswerError(f"{response.url}: the answer is no JSON object")
    return answer


def _client(api: HttpApi) -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT_SECONDS, headers={"Authorization": f"Bearer {_token(api)}"})


def _base(api: HttpApi) -> str:
    if address := os.environ.get(api.base_env or ""):
        return address.rstrip("/")
    services = settings.home() / "sandbox" / "services.json"
    if api.base_service and services.exists():
        return str(json.loads(services.read_text(encoding="utf-8"))[api.base_service]).rstrip("/")
    if "{base}" not in api.url:
        return ""
    raise AnswerError(f"the address of {api.url} is not known: set {api.base_env}, or start the sandbox with `make up`")


def _token(api: HttpApi) -> str:
    if token := os.environ.get(api.token_env):
        return token
    file = settings.home() / "sandbox" / "token"
    if file.exists():
        return file.read_text(encoding="utf-8").strip()
    raise AnswerError(f"no token for {api.url}: set {api.token_env}, or write it into {file}")
