"""``make up``: keep the platform running in the background."""

import argparse
import time

from market_regulation import settings
from market_regulation.commands.readiness import await_ready
from market_regulation.embedded import airflow, platform


def main(arguments: list[str]) -> int:
    """Bring the platform up and say where it is."""
    argparse.ArgumentParser(prog="up", description=__doc__).parse_args(arguments)
    bring_up()
    print(f"Airflow      {airflow.base_url()} as {', '.join(airflow.USERS)}: passwords in {airflow.passwords_file()}")
    print(f"logs         {settings.home() / 'logs'}")
    print("databases    make dsn DB=warehouse|exchange|receiver|airflow ROLE=owner|bi_reader|publisher|…")
    print("stop it with make down")
    return 0


def bring_up() -> None:
    """Start what is down and wait until everything is ready, printing each step with the seconds gone by.

    Raises:
        PlatformError: It did not become ready.
    """
    began = time.monotonic()

    def report(step: str) -> None:
        print(f"{time.monotonic() - began:5.1f} s  {step}", flush=True)

    platform.start(report)
    await_ready(report)
