"""``make verify-ledger``: prove that the ledger of publications is as it was written."""

import argparse

from market_regulation.disclosure import ledger
from market_regulation.embedded import postgres


def main(arguments: list[str]) -> int:
    """Check chain, payloads and the heads that receivers hold, and say what was found.

    Raises:
        LedgerBrokenError: Something was changed; the message names each place.
    """
    argparse.ArgumentParser(prog="verify_ledger", description=__doc__).parse_args(arguments)
    if not postgres.is_running():
        postgres.start()
    rows = ledger.verify()
    print(f"disclosure.record: {rows} rows; the chain, every payload and the heads in the receivers' batches agree")
    return 0
