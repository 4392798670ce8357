"""The name of a return file, which says whose rows it holds: ``<stem>.<profile>.return-<delivery_id>.xlsx``."""

import re

_NAME = re.compile(r".*\.(?P<profile>[a-z][a-z0-9_]{0,50})\.return-(?P<delivery_id>[1-9][0-9]{0,17})\.xlsx", re.DOTALL)
LONGEST_NAME = 255  # bytes, what file systems take


def returned(file_name: str) -> tuple[str, int] | None:
    """Return the profile and the first delivery that a return file's name speaks of; None for any other name.

    A submitter corrects the file and delivers it again, so the name alone proves nothing: whoever reads the file
    compares both with ``landing.delivery``.
    """
    found = _NAME.fullmatch(file_name)
    return (found["profile"], int(found["delivery_id"])) if found else None


def return_name(stem: str, profile: str, delivery_id: int) -> str:
    """Return the name of a delivery's return file; a long ``stem`` is cut to what a file system takes."""
    end = f".{profile}.return-{delivery_id}.xlsx"
    kept = stem.encode("utf-8", "backslashreplace")[: LONGEST_NAME - len(end)].decode(errors="ignore")
    return f"{kept}{end}"
