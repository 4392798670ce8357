"""A JSON API that hands out one business day's records in several answers, by page numbers or by cursors.

A pull that breaks off is taken up again at its last answer, if the API still gives that answer; else it starts
afresh, and so it does when the announced number changes on the way. The number of records that the source announces
is kept with the delivery, which is blocked if another number arrived.
"""

import datetime as dt
import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from market_regulation.sources.arrival import Arrival, Arrivals
from market_regulation.sources.contract import Source
from market_regulation.sources.fetch_error import Place
from market_regulation.sources.fetching import Cursor, HttpApi
from market_regulation.sources.http_calls import LATER, RefusedError, address, ask, open_client
from market_regulation.sources.kept_pages import KeptPages, Page
from market_regulation.sources.ndjson import Number, parsed_line
from market_regulation.sources.store import StoreWriter

log = logging.getLogger(__name__)
STARTS = 3
MOST_PAGES = 100_000
Ask = Callable[[str], tuple[Page, bytes]]


class MovedError(Exception):
    """The records changed while they were read."""


def fetch(source: Source, api: HttpApi, day: dt.date) -> Arrivals:
    """Yield one arrival with all records of ``day``; none when the source has none.

    Raises:
        FetchError: The API cannot be reached, refuses, or its answers are not what the contract says.
    """
    profile_name, profile = next(iter(source.profiles.items()))
    place = Place(source.source, address(api, source.source))
    query = {name: text.replace("{business_day}", day.isoformat()) for name, text in api.query.items()}
    pull = f"{place.address}|{day}|{api.model_dump_json()}"
    with open_client(api, place) as client, KeptPages(place, pull) as kept:

        def ask_at(at: str) -> tuple[Page, bytes]:
            return _page(ask(client, place, {**query, **_position(api, at)}), at, api, place)

        _pull(api, kept, ask_at, place)
        rows, announced = sum(page.rows for page in kept.pages), kept.pages[-1].announced
        with StoreWriter(source.source, "ndjson") as store:
            for block in kept.records():
                store.write(block)
            if rows or announced:
                sha256, size = store.keep(), store.size
        kept.forget()
    if rows or announced:
        yield Arrival(
            identity=f"{api.url}|{day}|{sha256}",
            uri=f"{place.address}?business_day={day}",
            profile=profile_name,
            submitter=profile.submitter,
            sha256=sha256,
            size=size,
            announced_rows=announced,
        )


def _position(api: HttpApi, at: str) -> dict[str, str]:
    size = {api.size_parameter: str(api.page_size)}
    if isinstance(api.paging, Cursor):
        return {**size, api.paging.parameter: at} if at else size
    return {**size, api.paging.number: at}


def _page(answer: dict[str, Any], at: str, api: HttpApi, place: Place) -> tuple[Page, bytes]:
    records = _reach(answer, api.records)
    if not isinstance(records, list):
        raise place.error(f"no list {api.records!r} in the answer at {at!r}", "mend fetch.records of the contract")
    try:
        lines = b"".join(map(parsed_line, records))
    except RecursionError as error:
        raise place.error(
            f"a record of the answer at {at!r} is nested too deeply", "tell the API's operator"
        ) from error
    announced = _announced(answer, api, place)
    following = _next_cursor(answer, api.paging, place) if isinstance(api.paging, Cursor) else None
    return Page(at, following, len(records), announced, hashlib.sha256(lines).hexdigest()), lines


def _reach(answer: object, path: str) -> object:
    for part in path.split("."):
        answer = answer.get(part) if isinstance(answer, dict) else None
    return answer


def _announced(answer: dict[str, Any], api: HttpApi, place: Place) -> int | None:
    if api.announced is None:
        return None
    number = _reach(answer, api.announced)
    if not isinstance(number, Number) or not number.isdigit():
        raise place.error(f"no whole number {api.announced!r} in the answer", "mend fetch.announced of the contract")
    return int(number)


def _next_cursor(answer: dict[str, Any], paging: Cursor, place: Place) -> str | None:
    cursor = _reach(answer, paging.next)
    if cursor is not None and not isinstance(cursor, str):
        raise place.error(f"{paging.next!r} is no text and no number", "mend fetch.paging.next of the contract")
    return str(cursor) if cursor else None


def _pull(api: HttpApi, kept: KeptPages, ask_at: Ask, place: Place) -> None:
    """Bring all answers into ``kept``."""
    for _ in range(STARTS):
        try:
            _check_last(api, kept, ask_at)
            _read_on(api, kept, ask_at, place)
            return
        except MovedError as moved:
            log.warning("%s: %s: %s, the pull starts afresh", place.source, place.address, moved)
            kept.keep_first(0)
    raise place.error(f"its records changed during {STARTS} pulls", LATER)


def _check_last(api: HttpApi, kept: KeptPages, ask_at: Ask) -> None:
    """Ask for the last kept answer again: a pull is only taken up where the API still says the same.

    Raises:
        MovedError: It does not.
    """
    if not kept.pages:
        return
    last = kept.pages[-1]
    try:
        page, records = ask_at(last.at)
    except RefusedError as error:
        raise MovedError(f"the answer at {last.at!r} is no longer given") from error
    if (page.digest, page.announced) != (last.digest, last.announced):
        raise MovedError(f"the answer at {last.at!r} is another one now")
    if isinstance(api.paging, Cursor):  # the next cursor may be a new one each time
        kept.keep_first(len(kept.pages) - 1)
        kept.add(page, records)


def _read_on(api: HttpApi, kept: KeptPages, ask_at: Ask, place: Place) -> None:
    at = kept.pages[-1].next if kept.pages else "" if isinstance(api.paging, Cursor) else "1"
    seen, received = {page.at for page in kept.pages}, sum(page.rows for page in kept.pages)
    while at is not None:
        page, records = ask_at(at)
        seen.add(at)
        received += page.rows
        if kept.pages and page.announced != kept.pages[0].announced:
            raise MovedError(f"first {kept.pages[0].announced} records were announced, then {page.announced}")
        # Where an answer holds a single record anyway, the next one may say the same of another thing.
        several = page.rows > 1 or (page.rows == 1 and not isinstance(api.paging, Cursor) and api.page_size > 1)
        if kept.pages and several and page.digest == kept.pages[-1].digest:
            raise place.error(f"the same records at {kept.pages[-1].at!r} and {at!r}", "mend fetch.paging")
        if page.next in seen or len(kept.pages) >= MOST_PAGES:
            raise place.error(f"cursor {page.next!r} leads in a circle or without end", "tell the API's operator")
        complete = page.rows == 0 or (page.announced is not None and received >= page.announced)
        if not isinstance(api.paging, Cursor) and not complete:
            page = replace(page, next=str(int(at) + 1))
        kept.add(page, records)
        at = page.next
