"""Names of what goes back to a submitter; a return file's name says whose rows it holds.

A return file is ``<stem>.<profile>.return-<delivery_id>.xlsx``, the notice of a refused delivery
``<stem>.refused-<delivery_id>.xlsx``.
"""

import re

_NAME = re.compile(
    r"(?P<stem>.*)\.(?P<profile>[a-z][a-z0-9_]{0,50})\.return-(?P<delivery_id>[1-9][0-9]{0,17})\.xlsx", re.DOTALL
)
_UNSAFE = re.compile(r"[^\w.（）()〔〕【】 +-]")
LONGEST_NAME = 255  # bytes, what file systems take


def returned(file_name: str) -> tuple[str, int] | None:
    """Return the profile and the first delivery that a return file's name speaks of; None for any other name.

    A submitter corrects the file and delivers it again, so the name alone proves nothing: whoever reads the file
    compares both with ``landing.delivery``.
    """
    found = _NAME.fullmatch(file_name)
    return (found["profile"], int(found["delivery_id"])) if found else None


def return_name(file_name: str, profile: str, delivery_id: int) -> str:
    """Return the name of the return file for a delivery that came as ``file_name``."""
    return _joined(file_name, f".{profile}.return-{delivery_id}.xlsx")


def refused_name(file_name: str, delivery_id: int) -> str:
    """Return the name of the notice that a delivery that came as ``file_name`` was refused."""
    return _joined(file_name, f".refused-{delivery_id}.xlsx")


def _joined(file_name: str, end: str) -> str:
    """Join the name's stem, without what an earlier return added, and ``end``; cut to what a file system takes."""
    again = _NAME.fullmatch(file_name)
    stem = again["stem"] if again else file_name.rpartition(".")[0] or file_name
    stem = _UNSAFE.sub("_", stem).strip(". ") or "delivery"
    return stem.encode()[: LONGEST_NAME - len(end)].decode(errors="ignore") + end
