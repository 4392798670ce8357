"""What an engineer reads when a source cannot be fetched: which source, where, what failed, what to do next."""

import os
from dataclasses import dataclass


class FetchError(RuntimeError):
    """A source could not be fetched; nothing unfinished was entered, and the same fetch may be run again."""


@dataclass(frozen=True)
class Place:
    """Where a source is fetched from.

    Attributes:
        source: Name of the source.
        address: Address of the server and the folder, bucket, path or table on it; never with a secret.
    """

    source: str
    address: str

    def error(self, failed: str, then: str) -> FetchError:
        """Return the error to raise: ``failed`` says what went wrong, ``then`` what to do next."""
        return FetchError(f"{self.source}: {self.address}: {' '.join(failed.split())}. Next: {then}")

    def secret(self, variable: str) -> str:
        """Return the secret in an environment variable, without blanks around it.

        Raises:
            FetchError: The variable is not set, or holds what no header or login takes.
        """
        value = os.environ.get(variable, "").strip()
        if not value:
            raise self.error(f"the environment variable {variable} is not set", f"set {variable} for the workers")
        if not value.isprintable():
            raise self.error(f"{variable} holds control characters", f"write the bare secret into {variable}")
        return value
