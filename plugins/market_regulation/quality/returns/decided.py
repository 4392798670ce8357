"""A delivery as its submitter is told of it."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Decided:
    """A delivery that waits for its answer, and the event of its verdict."""

    event_id: int
    delivery_id: int
    submitter: str
    profile: str
    uri: str
    business_day: dt.date
    status: str
    message: str | None
    received_rows: int
    accepted_rows: int
    quarantined_rows: int
    duplicate_rows: int

    @property
    def file_name(self) -> str:
        """Name under which the file came."""
        return self.uri.rpartition("/")[2]
