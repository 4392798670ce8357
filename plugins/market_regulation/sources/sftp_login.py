"""Logging in to an SFTP server: only to the host whose key is known, only with what the contract names."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from market_regulation import settings
from market_regulation.sources.fetch_error import Place
from market_regulation.sources.fetching import Sftp

if TYPE_CHECKING:
    from asyncssh import SFTPClient, SSHClientConnection

CONNECT_SECONDS = 15
LOGIN_SECONDS = 30
KEEPALIVE_SECONDS = 15  # three unanswered ones end the connection


async def login(
    origin: Sftp, place: Place, known_hosts: Path | None = None, password: str | None = None
) -> "tuple[SSHClientConnection, SFTPClient]":
    """Connect and log in. Neither an agent nor ``~/.ssh`` is asked for keys, hosts or options.

    Args:
        origin: Where to log in, and the variables with the secrets.
        place: What an error names.
        known_hosts: File with host keys instead of ``settings.known_hosts()``.
        password: Taken instead of the variable's value.

    Raises:
        FetchError: The host is unknown or is not who it was, the server cannot be reached or refuses, or a setting is
            missing.
    """
    import asyncssh

    known_hosts = known_hosts or settings.known_hosts()
    learn = f"compare the key's fingerprint with its operator, then: ssh-keyscan -p {origin.port} {origin.host}"
    if not known_hosts.is_file():
        raise place.error(f"there is no file {known_hosts} with known host keys", f"{learn} > {known_hosts}")
    credentials = _credentials(origin, place, password)
    try:
        connection = await asyncssh.connect(
            origin.host,
            origin.port,
            username=origin.user,
            known_hosts=str(known_hosts),
            agent_path=None,
            config=None,
            connect_timeout=CONNECT_SECONDS,
            login_timeout=LOGIN_SECONDS,
            keepalive_interval=KEEPALIVE_SECONDS,
            **credentials,
        )
        return connection, await connection.start_sftp_client(path_errors="surrogateescape")
    except asyncssh.HostKeyNotVerifiable as error:
        raise place.error(f"its host key is not in {known_hosts}", f"{learn} >> {known_hosts}") from error
    except asyncssh.PermissionDenied as error:
        secret = origin.password_env or origin.key_file_env
        raise place.error(f"it refuses the login of {origin.user}", f"check user and {secret}") from error
    except (asyncssh.Error, OSError) as error:
        why = str(error) or type(error).__name__
        raise place.error(f"it cannot be reached ({why})", "check host, port and network, then run again") from error


def _credentials(origin: Sftp, place: Place, password: str | None) -> dict[str, Any]:
    import asyncssh

    if origin.password_env:
        return {"password": password or place.secret(origin.password_env), "client_keys": None}
    variable = str(origin.key_file_env)
    passphrase = place.secret(origin.passphrase_env) if origin.passphrase_env else None
    try:
        key = asyncssh.read_private_key(place.secret(variable), passphrase)
    except (OSError, ValueError) as error:
        why = f"the key file that {variable} names cannot be read ({error})"
        raise place.error(why, "check its path, its rights and the passphrase") from error
    return {"client_keys": [key]}
