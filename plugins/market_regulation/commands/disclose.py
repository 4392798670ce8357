"""``make disclose``: run the DAG ``disclose``."""

import argparse

from market_regulation.commands.trigger import add_common_options, run_dag


def main(arguments: list[str]) -> int:
    """Trigger the DAG, wait for it and say what it started; with a date, the warehouse is built for that day first."""
    parser = argparse.ArgumentParser(prog="disclose", description=__doc__)
    add_common_options(parser)
    chosen = parser.parse_args(arguments)
    return run_dag("disclose", chosen.date, chosen.follow, after="warehouse" if chosen.date else None)
