"""One question to a JSON API: asked again while the server is busy, answered within bounds of size and time."""

import datetime as dt
import json
import logging
import os
import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from tenacity import RetryCallState, retry, retry_if_exception, stop_after_attempt, wait_random_exponential

from market_regulation import settings
from market_regulation.sources import ndjson
from market_regulation.sources.fetch_error import FetchError, Place
from market_regulation.sources.fetching import HttpApi
from market_regulation.sources.http_signing import Signer

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 30
ANSWER_SECONDS = 300
ANSWER_BYTES = 32 << 20
TRIES = 5
LONGEST_PAUSE_SECONDS = 120
BUSY = {408, 425, 429, 500, 502, 503, 504}
LATER = "run again later; the answers fetched so far are kept for some hours"


class RefusedError(FetchError):
    """The API understood the question and refuses it, for no reason of rights."""


def address(api: HttpApi, source: str) -> str:
    """Return the address of the API.

    Raises:
        FetchError: It is not known, or not one that may be used.
    """
    place = Place(source, api.url)
    if "{base}" not in api.url:
        return api.url
    base = os.environ.get(api.base_env or "", "").strip()
    services = settings.home() / "sandbox" / "services.json"
    if not base and api.base_service and services.exists():
        base = json.loads(services.read_text(encoding="utf-8"))[api.base_service]
    if not base:
        raise place.error("its address is not known", f"set {api.base_env}, or start the sandbox with `make up`")
    url = httpx.URL(base)
    if url.scheme not in ("http", "https") or url.userinfo or url.query:
        then = f"set {api.base_env} to http(s)://host:port/path; secrets have variables of their own"
        raise place.error("its base address is no plain HTTP address", then)
    return api.url.replace("{base}", base.rstrip("/"))


def open_client(api: HttpApi, place: Place) -> httpx.Client:
    """Return a client that identifies itself as the contract says and follows no redirection.

    Raises:
        FetchError: A secret is missing.
    """
    headers = dict(api.headers)
    if api.token_env:
        headers["Authorization"] = f"Bearer {_token(api.token_env, place)}"
    signer = Signer(api.sign, place.secret(api.sign.key_env)) if api.sign else None
    return httpx.Client(timeout=TIMEOUT_SECONDS, headers=headers, auth=signer)


def _token(variable: str, place: Place) -> str:
    file = settings.home() / "sandbox" / "token"
    if variable not in os.environ and file.exists():
        return file.read_text(encoding="utf-8").strip()
    return place.secret(variable)


def ask(client: httpx.Client, place: Place, query: dict[str, str]) -> dict[str, Any]:
    """Return the JSON object that the API answers.

    Raises:
        RefusedError: It refuses this question.
        FetchError: It cannot be reached, is busy, lets nobody in, or the answer is not usable.
    """
    try:
        data = _get(client, place, query)
    except httpx.HTTPStatusError as error:
        raise _refusal(error.response, place) from error
    except httpx.HTTPError as error:
        raise place.error(f"no answer after {TRIES} tries ({type(error).__name__}: {error})", LATER) from error
    try:
        answer = ndjson.parse(data)
    except RecursionError as error:
        raise place.error("the answer is nested too deeply", "tell the API's operator") from error
    except ValueError as error:
        raise place.error("the answer is no JSON", "look at it with curl; mend fetch.url of the contract") from error
    if isinstance(answer, ndjson.Repeated):
        raise place.error("a name stands twice in the answer", "tell the API's operator")
    if not isinstance(answer, dict):
        raise place.error("the answer is no JSON object", "look at it with curl; mend fetch.url of the contract")
    return answer


def _refusal(response: httpx.Response, place: Place) -> FetchError:
    status = f"it answers {response.status_code} {response.reason_phrase}"
    if response.status_code in BUSY:
        pause = asked_pause(response)
        return place.error(status + (f", asking for a pause of {pause:.0f} s" if pause else ""), LATER)
    if response.status_code in (401, 403):
        return place.error(status, "check the token or the key and what the account may read")
    return RefusedError(str(place.error(status, "mend fetch.url, query and paging of the contract")))


def asked_pause(response: httpx.Response) -> float | None:
    """Return the seconds that the header Retry-After asks for; None without one that can be read."""
    text = str(response.headers.get("Retry-After", "")).strip()
    if text.isascii() and text.isdigit():
        return float(text)
    until, now = _moment(text), _moment(response.headers.get("Date", "")) or dt.datetime.now(dt.UTC)
    return max((until - now).total_seconds(), 0.0) if until else None


def _moment(text: str) -> dt.datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        busy = error.response.status_code in BUSY
        return busy and (asked_pause(error.response) or 0) <= LONGEST_PAUSE_SECONDS
    return isinstance(error, httpx.TransportError)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = asked_pause(error.response) if isinstance(error, httpx.HTTPStatusError) else None
    return _GROWING_PAUSE(state) if asked is None else asked


def _tell(state: RetryCallState) -> None:
    place, pause = state.args[1], state.next_action.sleep if state.next_action else 0
    log.warning("%s: %s: busy or broken off, asked again in %.1f s", place.source, place.address, pause)


_GROWING_PAUSE = wait_random_exponential(multiplier=0.5, max=30)


@retry(
    retry=retry_if_exception(_is_transient),
    stop=stop_after_attempt(TRIES),
    wait=_pause,
    before_sleep=_tell,
    reraise=True,
)
def _get(client: httpx.Client, place: Place, query: dict[str, str]) -> bytes:
    data, end = bytearray(), time.monotonic() + ANSWER_SECONDS
    with client.stream("GET", place.address, params=query) as response:
        response.raise_for_status()
        for block in response.iter_bytes():
            data += block
            if len(data) > ANSWER_BYTES or time.monotonic() > end:
                then = "lower fetch.page_size, or ask the operator why one answer is so large or slow"
                raise place.error(f"one answer exceeds {ANSWER_BYTES >> 20} MiB or {ANSWER_SECONDS} s", then)
    return bytes(data)
