"""``exchange_keys``: renew the key of what only the exchange may carry, or erase a key and so all content under it."""

import argparse

from market_regulation.disclosure import exchange_keys


def main(arguments: list[str]) -> int:
    """List the keys (``--rotate`` adds one, ``--erase ID`` deletes one); no key is ever printed, only its id.

    Raises:
        KeyFileError: The key file cannot be used.
        KeyErasedError: There is no such key.
        ValueError: The active key is not erased: rotate first.
    """
    parser = argparse.ArgumentParser(prog="exchange_keys", description=__doc__)
    parser.add_argument("--rotate", choices=("AES-256-GCM", "SM4-GCM"), help="add a key of this algorithm and use it")
    parser.add_argument("--erase", metavar="ID", help="delete this key: what it closed can never be read again")
    chosen = parser.parse_args(arguments)
    if chosen.rotate:
        exchange_keys.rotate(chosen.rotate)
    if chosen.erase:
        exchange_keys.erase(chosen.erase)
    keys = exchange_keys.load()
    for key_id, (algorithm, _) in keys.keys.items():
        print(f"{key_id}  {algorithm}{'  active' if key_id == keys.active else ''}")
    return 0
