"""Objects of an S3 bucket. An object is whole when it is listed; nothing is changed in the bucket.

An object is known again by key and ETag (and version, where versions are taken), so it is read once, and another
content under the same key is another delivery.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from market_regulation.sources.arrival import Arrival, Arrivals
from market_regulation.sources.contract import Source
from market_regulation.sources.fetch_error import Place
from market_regulation.sources.fetching import ObjectStore
from market_regulation.sources.named_file import BLOCK, is_finished, keep, open_store

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

log = logging.getLogger(__name__)
CONNECT_SECONDS = 15
READ_SECONDS = 60
READ_AT_ONCE = 8 * BLOCK


def fetch(source: Source, origin: ObjectStore, is_known: Callable[[str], bool]) -> Arrivals:
    """Yield each object that is not known, oldest first; the caller registers it before it asks for the next.

    Args:
        source: The contract.
        origin: Its ``fetch``.
        is_known: Tells whether an arrival of this identity was entered before.

    Raises:
        FetchError: The bucket cannot be reached, listed or read, or a secret is missing.
    """
    place = Place(source.source, f"{origin.endpoint or 'https://s3.amazonaws.com'}/{origin.bucket}/{origin.prefix}")
    store = _connect(origin, place)
    for listed in _listed(store, origin, place):
        if is_known(_identity(listed)):
            continue
        arrival = _take(source, store, listed, place)
        if arrival is None:
            log.info("%s: %r was replaced while it was read, next time", source.source, listed["Key"])
            continue
        yield arrival


def _connect(origin: ObjectStore, place: Place) -> "AbstractFileSystem":
    import fsspec

    return fsspec.filesystem(
        "s3",
        key=place.secret(origin.key_id_env),
        secret=place.secret(origin.secret_env),
        endpoint_url=origin.endpoint,
        version_aware=origin.versions,
        use_listings_cache=False,
        skip_instance_cache=True,
        config_kwargs={
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
            "retries": {"total_max_attempts": 1},  # s3fs itself asks again
        },
    )


def _listed(store: "AbstractFileSystem", origin: ObjectStore, place: Place) -> list[dict[str, Any]]:
    """Return what S3 says of each object that can be a delivery; ``Key`` begins with the bucket."""
    options = {"versions": True} if origin.versions else {}
    with _explained(place, "it cannot be listed"):
        found = store.find(origin.bucket, prefix=origin.prefix, detail=True, **options).values()
        files = [one for one in found if one["type"] == "file" and _is_finished(_key(one))]
        ages = _ages_within_a_second(store, files)
    return sorted(files, key=lambda one: (one["LastModified"], -ages.get(str(one["name"]), 0), one["name"]))


def _ages_within_a_second(store: "AbstractFileSystem", files: list[dict[str, Any]]) -> dict[str, int]:
    """Return for versions of one key and second how many newer ones there are: S3 tells seconds, but lists in order."""
    seconds = Counter((_key(one), one["LastModified"]) for one in files)
    tied = {key for (key, _), versions in seconds.items() if versions > 1}
    return {
        f"{key}?versionId={version['VersionId']}": newer
        for key in tied
        for newer, version in enumerate(store.object_version_info(key))
    }


def _is_finished(key: str) -> bool:
    return not key.endswith("/") and all(map(is_finished, key.split("/")))


def _key(listed: dict[str, Any]) -> str:
    return str(listed["Key"]).partition("?versionId=")[0]


def _identity(listed: dict[str, Any]) -> str:
    tag = str(listed["ETag"]).strip('"')
    return f"{_key(listed)}|{tag}|{listed.get('VersionId') or ''}"


def _take(source: Source, store: "AbstractFileSystem", listed: dict[str, Any], place: Place) -> Arrival | None:
    """Copy one object into the store; None when it is no longer the one that was listed."""
    from s3fs.utils import FileExpired

    key = _key(listed)
    with open_store(source, key.rpartition("/")[2]) as writer, _explained(place, f"{key!r} cannot be read"):
        try:
            with store.open(listed["name"], "rb", cache_type="none") as file:
                if file.details["ETag"] != listed["ETag"]:
                    return None
                while block := file.read(READ_AT_ONCE):  # each piece is asked for with the ETag at opening
                    writer.write(block)
        except (FileExpired, FileNotFoundError):
            return None
        return keep(source, writer, f"s3://{key}", _identity(listed))


@contextmanager
def _explained(place: Place, failed: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except PermissionError as error:
        raise place.error(f"{failed}: {error}", "check the access key and its rights on the bucket") from error
    except FileNotFoundError as error:
        raise place.error(f"{failed}: there is no such bucket", "mend fetch.bucket of the contract") from error
    except (OSError, BotoCoreError, ClientError) as error:
        raise place.error(f"{failed}: {error}", "check endpoint and network, then run again") from error
