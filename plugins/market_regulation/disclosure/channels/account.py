"""Where a channel's receiver is and how to log in: environment variables, named by the channel; else the sandbox.

``<CHANNEL>_<NAME>``, in capitals: ``CREDIT_CHINA_SFTP_URL``, ``GSXT_HTTP_KEY`` and so on. While nothing is set, the
addresses of the sandbox's receivers are taken from ``<home>/sandbox/channels.json`` (mode 0600).
"""

import json
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from market_regulation import settings
from market_regulation.disclosure.channels.contract import ChannelError
from market_regulation.sources.fetching import Sftp


def sandbox(name: str) -> str | None:
    """Return an entry of the sandbox's file, if the sandbox wrote one."""
    file = settings.home() / "sandbox" / "channels.json"
    known: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return known.get(name)


def variable(channel: str, name: str) -> str:
    """Return the name of a channel's environment variable."""
    return f"{channel}_{name}".upper()


def given(channel: str, name: str) -> str | None:
    """Return a channel's setting, if it is set."""
    return os.environ.get(variable(channel, name), "").strip() or None


def address(channel: str, name: str) -> str:
    """Return the address in the channel's variable, else the sandbox's of the same name.

    Raises:
        ChannelError: Neither is known.
    """
    found = given(channel, name) or sandbox(name.lower())
    if found is None:
        raise ChannelError(
            f"channel {channel}: its address is not known: set {variable(channel, name)}, or start the sandbox with"
            " `make up`"
        )
    return found


def sftp(channel: str) -> tuple[Sftp, Path, str | None]:
    """Return the channel's login on an SFTP server, the file with known host keys, and the sandbox's password.

    ``<CHANNEL>_SFTP_URL`` is ``sftp://user@host:port/folder``; the secret is in ``<CHANNEL>_SFTP_PASSWORD``, or
    ``<CHANNEL>_SFTP_KEY_FILE`` (with ``<CHANNEL>_SFTP_PASSPHRASE``) names a private key.

    Raises:
        ChannelError: The address is not known or no SFTP address.
    """
    is_sandbox = given(channel, "SFTP_URL") is None
    url = urlsplit(address(channel, "SFTP_URL"))
    if url.scheme != "sftp" or not url.hostname or not url.username:
        raise ChannelError(f"channel {channel}: {variable(channel, 'SFTP_URL')} is not sftp://user@host:port/folder")
    key_file = variable(channel, "SFTP_KEY_FILE") if given(channel, "SFTP_KEY_FILE") else None
    login = {
        "kind": "sftp",
        "host": url.hostname,
        "port": url.port or 22,
        "user": unquote(url.username),
        "folder": f"{url.path.rstrip('/')}/{channel}" if is_sandbox else url.path or "/",
        "key_file_env": key_file,
        "passphrase_env": variable(channel, "SFTP_PASSPHRASE") if given(channel, "SFTP_PASSPHRASE") else None,
        "password_env": None if key_file else variable(channel, "SFTP_PASSWORD"),
    }
    known_hosts = settings.home() / "sandbox" / "known_hosts" if is_sandbox else settings.known_hosts()
    return Sftp.model_validate(login), known_hosts, sandbox("sftp_password") if is_sandbox else None
