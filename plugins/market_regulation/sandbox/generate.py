"""Writes a business day's deliveries in the submitters' own ways, and the answer key.

    python -m market_regulation.sandbox.generate 2026-03-16 --seed 1 --scale 1

The same (day, seed, scale) gives the same bytes again. Later days of the same home carry on the cases of the earlier
ones: a decision made public on one day is revoked on the next working day.
"""

import argparse
import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from market_regulation.sandbox import (
    answer_key,
    certificates,
    enterprises,
    inspections,
    other_department_penalties,
    serious_listings,
    spot_checks,
    submissions,
    supervision_checks,
    validity_checks,
)
from market_regulation.sandbox.cases import cases_file
from market_regulation.sandbox.context import Context, folder
from market_regulation.sandbox.drop import WarnedRow
from market_regulation.sandbox.exchange import Submitter, submitter
from market_regulation.sandbox.inspection_cases import expected_verdicts


def deliver(day: dt.date, seed: int, scale: float) -> Path:
    """Write the deliveries of ``day`` into the inboxes, the exchange and ``<home>/sandbox/<day>``.

    Args:
        day: Business day (Asia/Shanghai).
        seed: Equal seeds give equal bytes.
        scale: Volume; 1 is about 4,000 rows.

    Returns:
        Folder of the answer key.

    Raises:
        settings.SettingMissingError: The exchange database is not known.
        ValueError: The day was delivered here before with another seed or scale.
        psycopg.Error: The exchange refused something.
    """
    context = Context(day, seed, scale)
    folder(day).mkdir(parents=True, exist_ok=True)
    _remember(context)
    planted = [
        *enterprises.deliver(context),
        *inspections.deliver(context),
        *certificates.deliver(context),
    ]
    with submitter(context.delivered_at) as out, _appearing(cases_file(day)) as cases:
        planted += spot_checks.deliver(context, out, cases)
        planted += validity_checks.deliver(context, out, cases)
        planted += serious_listings.deliver(context, cases)
        planted += supervision_checks.deliver(context, cases)
        planted += other_department_penalties.deliver(context, cases)
        bad_keys, doubtful_keys = _submit(context, out, cases)
    submissions.write_bad_keys(day, bad_keys)
    rejected = [row for row in planted if not isinstance(row, WarnedRow)]
    warned = [row for row in planted if isinstance(row, WarnedRow)]
    answer_key.write_rows(day, "bad_rows", [*rejected, *submissions.bad_rows(bad_keys)])
    answer_key.write_rows(day, "warned_rows", [*warned, *submissions.warned_rows(doubtful_keys)])
    answer_key.write_inspections(day, expected_verdicts(day))
    answer_key.write_outcomes(day)
    return answer_key.key_folder(day)


def _remember(context: Context) -> None:
    """Note seed and scale of the day; two worlds of one day would share document numbers."""
    file = folder(context.day) / "parameters.json"
    parameters = {"seed": context.seed, "scale": context.scale}
    if file.exists() and (known := json.loads(file.read_text())) != parameters:
        raise ValueError(
            f"{context.day} was delivered with {known} and now with {parameters}: take another DATE=,"
            f" or begin anew (`make clean`, or another MARKET_REGULATION_HOME)"
        )
    file.write_text(json.dumps(parameters))


def _submit(
    context: Context, out: Submitter, cases: IO[str]
) -> tuple[list[submissions.BadKey], list[submissions.BadKey]]:
    """Return the keys of the rejected rows, and of those accepted with a warning."""
    bad_penalties, doubtful = submissions.deliver_penalties(context, out, cases)
    bad_events = submissions.deliver_broken_events(context, out)
    submissions.deliver_follow_ups(context, out)
    bad = [
        *submissions.numbered(submissions.PENALTIES, bad_penalties, out.penalty_keys),
        *submissions.numbered(submissions.EVENTS, bad_events, [(event_id,) for event_id in out.event_ids]),
    ]
    return bad, submissions.numbered(submissions.PENALTIES, doubtful, out.penalty_keys)


@contextmanager
def _appearing(path: Path) -> Iterator[IO[str]]:
    temporary = path.with_suffix(".part")
    with temporary.open("w", encoding="utf-8") as out:
        yield out
    temporary.replace(path)


def main() -> None:
    """Command line of the generator."""
    parser = argparse.ArgumentParser(description=deliver.__doc__)
    parser.add_argument("day", type=dt.date.fromisoformat)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0)
    arguments = parser.parse_args()
    print(deliver(arguments.day, arguments.seed, arguments.scale))


if __name__ == "__main__":
    main()
