"""How a source is fetched: the kinds that a contract may name.

Addresses stand in the contract. A secret never does: the contract names the environment variable that holds it.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from market_regulation.sources.strict import Strict

TableName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
DottedPath = Annotated[str, Field(pattern=r"^[^.\s]+(\.[^.\s]+)*$")]


class FileDrop(Strict):
    """Files that submitters put into ``<home>/inbox/<source>/``.

    Attributes:
        settle_seconds: A file is left alone until its last change is this old; 0 takes it at once.
    """

    kind: Literal["file_drop"]
    settle_seconds: int = Field(default=3, ge=0, le=3600)


class Sftp(Strict):
    """Files in a folder of an SFTP server whose host key is in ``settings.known_hosts()``.

    Attributes:
        folder: Remote folder; its sub-folders are not looked into.
        done: Remote folder, absolute or below ``folder``, into which a file is moved once it is entered. Without it
            nothing is changed on the server, and a file is known again by name, size and time of change.
        password_env: Environment variable with the password.
        key_file_env: Environment variable with the path of a private key file, instead of a password.
        passphrase_env: Environment variable with the passphrase of that key, if it has one (PKCS #8 only:
            ``ssh-keygen -p -m PKCS8`` converts).
        settle_seconds: A file is left alone until its last change is this old.
    """

    kind: Literal["sftp"]
    host: str = Field(pattern=r"^[^\s/@]+$")
    port: int = Field(default=22, ge=1, le=65535)
    user: str = Field(min_length=1)
    folder: str = Field(min_length=1)
    done: str | None = Field(default=None, min_length=1)
    password_env: Variable | None = None
    key_file_env: Variable | None = None
    passphrase_env: Variable | None = None
    settle_seconds: int = Field(default=60, ge=0)

    @model_validator(mode="after")
    def _one_way_to_log_in(self) -> Self:
        if (self.password_env is None) == (self.key_file_env is None):
            raise ValueError("password_env, key_file_env: exactly one of the two is needed")
        if self.passphrase_env and not self.key_file_env:
            raise ValueError("passphrase_env: belongs to key_file_env")
        return self


class ObjectStore(Strict):
    """Objects of an S3 bucket, however deep below ``prefix``; nothing is changed in it.

    Attributes:
        endpoint: Address of the service; without it that of AWS.
        prefix: Beginning of the keys that are taken.
        versions: Each version that the bucket keeps of an object is taken, not only the newest; the account must be
            allowed to list versions.
        key_id_env: Environment variable with the access key id.
        secret_env: Environment variable with the secret access key.
    """

    kind: Literal["object_store"]
    endpoint: str | None = Field(default=None, pattern=r"^https?://[^\s/@?]+$")
    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]+$")
    prefix: str = ""
    versions: bool = False
    key_id_env: Variable
    secret_env: Variable


class Pages(Strict):
    """Numbered pages from 1, up to the first empty one or the announced number of records.

    Attributes:
        number: Name of the parameter with the page's number.
    """

    kind: Literal["page"]
    number: str = "page"


class Cursor(Strict):
    """Each answer says where the next one begins; the first is asked for without a cursor.

    Attributes:
        parameter: Name of the parameter with the cursor.
        next: Dotted path of the next cursor in the answer; absent, null or empty in the last one.
    """

    kind: Literal["cursor"]
    parameter: str
    next: DottedPath


class SignatureHeaders(Strict):
    """Names of the headers of a signed request."""

    signature: str = "X-Signature"
    timestamp: str = "X-Timestamp"
    nonce: str = "X-Nonce"


class Signature(Strict):
    """Signs each request: HMAC, in lower-case hex, over five lines joined by line feeds.

    They are the method, the path, the query percent-encoded (RFC 3986) and then sorted by name and value, the time
    in milliseconds since 1970 (UTC), and the nonce.

    Attributes:
        key_env: Environment variable with the key.
    """

    algorithm: Literal["hmac-sha256", "hmac-sm3"]
    key_env: Variable
    headers: SignatureHeaders = SignatureHeaders()


class HttpApi(Strict):
    """A JSON API that hands out the records of one business day in several answers.

    Attributes:
        url: Address without the query; ``{base}`` is replaced by the base address.
        base_env: Environment variable with the base address.
        base_service: Key of the base address in ``<home>/sandbox/services.json``, used without the variable.
        token_env: Environment variable with the bearer token; in the sandbox, ``<home>/sandbox/token`` is read
            without it.
        sign: How requests are signed, where they are.
        headers: Further headers of each request (the caller's number, say); no secrets.
        query: Parameters of each request; ``{business_day}`` is replaced by the day (ISO).
        paging: How one answer follows the other.
        page_size: Records asked for per answer.
        size_parameter: Name of the parameter with ``page_size``.
        records: Dotted path of the list of records in the answer.
        announced: Dotted path of the number of records over all answers, where the source says it.
    """

    kind: Literal["http_api"]
    url: str = Field(pattern=r"^(\{base\}|https?://[^\s/@?#]+)(/[^\s?#]*)?$")
    base_env: Variable | None = None
    base_service: str | None = None
    token_env: Variable | None = None
    sign: Signature | None = None
    headers: dict[str, str] = Field(default={})
    query: dict[str, str] = Field(default={})
    paging: Annotated[Pages | Cursor, Field(discriminator="kind")] = Pages(kind="page")
    page_size: int = Field(default=200, ge=1, le=10_000)
    size_parameter: str = "page_size"
    records: DottedPath
    announced: DottedPath | None = None


class ExchangeTable(Strict):
    """A table of the exchange database, read from a watermark on.

    Attributes:
        table: Schema and name.
        watermark: Column that grows with each change (timestamptz).
        overlap: How far before the watermark each reading starts, so that rows committed late are seen
            (PostgreSQL interval).
        look_back_days: Days before that of which each is compared with what landed; what is older, month by month.
    """

    kind: Literal["exchange_table"]
    table: TableName
    watermark: str
    overlap: str = Field(pattern=r"^\d+ (minutes?|hours?|days?)$")
    look_back_days: int = Field(default=30, ge=1)


Fetch = FileDrop | Sftp | ObjectStore | HttpApi | ExchangeTable
FILE_KINDS = ("file_drop", "sftp", "object_store")
"""Kinds whose deliveries are files with a name, which chooses the profile, and a format."""
