"""Keys of ``private.exchange_part``: AES-256-GCM or SM4-GCM, each under an id. Deleting a key erases its content.

They stand in one JSON file that only its owner may read: ``$EXCHANGE_KEYS_FILE`` (production: a mounted secret), else
``<home>/keys/exchange.json``, which is made with a first key when it is missing. New content takes the key that
``active`` names; the others open what they closed.
"""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from market_regulation import settings

Algorithm = Literal["AES-256-GCM", "SM4-GCM"]

_KEY_BYTES: dict[str, int] = {"AES-256-GCM": 32, "SM4-GCM": 16}
_NONCE, _TAG = 12, 16


class KeyFileError(RuntimeError):
    """The key file is missing where it was named, open to others than its owner, or not what it should be."""


class KeyErasedError(LookupError):
    """The key of this content is gone, and the content with it."""


@dataclass
class Keys:
    """The keys in a file: id of the active one, and (algorithm, key in base64) by id."""

    active: str
    keys: dict[str, tuple[Algorithm, str]] = field(default_factory=dict)

    def close(self, content: bytes, bound_to: str) -> bytes:
        """Return nonce, ciphertext and tag under the active key; it opens only for the same ``bound_to``."""
        nonce = os.urandom(_NONCE)
        encryptor = self._cipher(self.active, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound_to.encode())
        return nonce + encryptor.update(content) + encryptor.finalize() + encryptor.tag

    def open(self, ciphertext: bytes, key_id: str, bound_to: str) -> bytes:
        """Return the content.

        Raises:
            KeyErasedError: The key is gone.
            ValueError: The ciphertext was changed, or belongs to something else.
        """
        nonce, body, tag = ciphertext[:_NONCE], ciphertext[_NONCE:-_TAG], ciphertext[-_TAG:]
        decryptor = self._cipher(key_id, modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(bound_to.encode())
        try:
            return decryptor.update(body) + decryptor.finalize()
        except InvalidTag as error:
            raise ValueError(f"the exchange part of {bound_to} is not what was sealed under key {key_id}") from error

    def _cipher(self, key_id: str, mode: modes.GCM) -> Cipher[modes.GCM]:
        if key_id not in self.keys:
            raise KeyErasedError(f"key {key_id} is erased")
        algorithm, key = self.keys[key_id]
        raw = base64.b64decode(key)
        return Cipher(algorithms.AES(raw) if algorithm == "AES-256-GCM" else algorithms.SM4(raw), mode)


def load() -> Keys:
    """Read the key file; without ``$EXCHANGE_KEYS_FILE`` the first call makes it.

    Raises:
        KeyFileError: See there.
    """
    file = _file()
    if not file.exists():
        if "EXCHANGE_KEYS_FILE" in os.environ:
            raise KeyFileError(f"$EXCHANGE_KEYS_FILE: {file} does not exist")
        _write(file, _with_new_key(Keys("")), first=True)
    if file.stat().st_mode & 0o077:
        raise KeyFileError(f"{file} is open to others than its owner: chmod 600")
    try:
        read = json.loads(file.read_text("utf-8"))
        keys = Keys(read["active"], {key_id: (entry[0], entry[1]) for key_id, entry in read["keys"].items()})
        fits = all(len(base64.b64decode(key)) == _KEY_BYTES[algorithm] for algorithm, key in keys.keys.values())
    except (ValueError, LookupError, TypeError) as error:
        raise KeyFileError(f"{file} is no key file ({type(error).__name__})") from None
    if not fits or keys.active not in keys.keys:
        raise KeyFileError(f"{file}: the active key is missing, or a key has not the length of its algorithm")
    return keys


def rotate(algorithm: Algorithm = "AES-256-GCM") -> str:
    """Add a new key, under which everything is closed from now on; return its id."""
    keys = _with_new_key(load(), algorithm)
    _write(_file(), keys)
    return keys.active


def erase(key_id: str) -> None:
    """Delete a key, and so erase all content under it, for ever.

    Raises:
        KeyErasedError: There is no such key.
        ValueError: It is the active one: rotate first.
    """
    keys = load()
    if key_id not in keys.keys:
        raise KeyErasedError(f"key {key_id} is erased")
    if key_id == keys.active:
        raise ValueError(f"key {key_id} is in use: rotate first")
    del keys.keys[key_id]
    _write(_file(), keys)


def _file() -> Path:
    return Path(os.environ.get("EXCHANGE_KEYS_FILE") or settings.home() / "keys" / "exchange.json")


def _with_new_key(keys: Keys, algorithm: Algorithm = "AES-256-GCM") -> Keys:
    key_id = secrets.token_hex(4)
    key = base64.b64encode(os.urandom(_KEY_BYTES[algorithm])).decode()
    return Keys(key_id, {**keys.keys, key_id: (algorithm, key)})


def _write(file: Path, keys: Keys, *, first: bool = False) -> None:
    """Write the file whole or not at all; a first one never replaces another that came between."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(asdict(keys), out)
        out.flush()
        os.fsync(out.fileno())
    if first:
        try:
            os.link(unfinished, file)
        except FileExistsError:
            pass
        finally:
            unfinished.unlink()
    else:
        unfinished.replace(file)
