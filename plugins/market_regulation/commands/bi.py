"""``make bi``: start Superset with the dashboards of this repository."""

import argparse
import time

from market_regulation.embedded import postgres, superset


def main(arguments: list[str]) -> int:
    """Bring PostgreSQL and Superset up, import the dashboards when they changed, say address and login."""
    argparse.ArgumentParser(prog="bi", description=__doc__).parse_args(arguments)
    began = time.monotonic()

    def report(step: str) -> None:
        print(f"{time.monotonic() - began:5.1f} s  {step}", flush=True)

    if not postgres.is_running():
        postgres.start()
        report("PostgreSQL external" if postgres.is_external() else "PostgreSQL up")
    superset.start(report)
    print(f"Superset     {superset.base_url()} as admin: password in {superset.keys_file()}")
    print("stop it with make down")
    return 0
