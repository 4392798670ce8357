"""``make down``: stop the platform."""

import argparse

from market_regulation.embedded import platform


def main(arguments: list[str]) -> int:
    """Stop every process of the platform, also those of a start that was interrupted."""
    argparse.ArgumentParser(prog="down", description=__doc__).parse_args(arguments)
    platform.stop()
    print("The platform is down.")
    return 0
