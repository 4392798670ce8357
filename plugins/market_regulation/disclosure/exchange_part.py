"""What an exchange contract requires beyond the public payload (identity documents), sealed for the sending role alone.

It is read where it landed, in the transaction that writes the ledger row, and goes encrypted into
``private.exchange_part``; the ledger holds the hash of the ciphertext. It is opened at the moment of sending and
nowhere else (domain 2.2, 11 A8). Nothing of it is ever logged.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from market_regulation.disclosure import exchange_keys

# channel, record type -> for a natural person and for any other party: the fields in the order of _TO_SEAL's columns
FIELDS: Mapping[tuple[str, str], Mapping[bool, tuple[str, str, str]]] = {
    ("credit_china", "administrative_penalty"): {
        True: ("CF_FRDB", "CF_XDR_ZJLX", "CF_XDR_ZJHM"),
        False: ("CF_FRDB", "CF_FR_ZJLX", "CF_FR_ZJHM"),
    }
}

_TO_SEAL = """
with needing as (
    select o.*
    from operation as o
    inner join unnest(%(channels)s::text[], %(record_types)s::text[]) as n (channel, record_type)
        on o.channel = n.channel and o.record_type = n.record_type
    where o.place between %(first)s and %(last)s and o.op in ('UPSERT', 'CORRECT', 'RESUME')
)

select o.record_id, o.version, o.channel, o.record_type, i.party_kind, i.representative, i.document_kind,
    i.document_number
from private.identity_document(
    (select array_agg(source_delivery_id order by place) from needing),
    (select array_agg(source_row_no order by place) from needing)
) as i
inner join needing as o on i.delivery_id = o.source_delivery_id and i.row_no = o.source_row_no
"""

_SEALED = "insert into private.exchange_part (record_id, version, ciphertext, key_id) values (%s, %s, %s, %s)"

_PARTS = """
select e.record_id, e.version, e.ciphertext, e.key_id
from private.exchange_part as e
inner join unnest(%s::text[], %s::integer[]) as wanted (record_id, version)
    on e.record_id = wanted.record_id and e.version = wanted.version
"""


def seal(connection: psycopg.Connection, first: int, last: int) -> None:
    """Seal what the operations at places ``first`` to ``last`` of the session's table ``operation`` need.

    Call it in the transaction that writes their ledger rows, before them.

    Raises:
        KeyFileError: There is no usable key; nothing is written.
    """
    wanted = {"channels": [channel for channel, _ in FIELDS], "record_types": [kind for _, kind in FIELDS]}
    rows = connection.execute(_TO_SEAL, {**wanted, "first": first, "last": last}).fetchall()
    if not rows:
        return
    keys = exchange_keys.load()
    parts = []
    for record_id, version, channel, record_type, party_kind, *values in rows:
        fields = FIELDS[channel, record_type][party_kind == "自然人"]
        said = {name: value for name, value in zip(fields, values, strict=True) if value is not None}
        content = json.dumps(said, ensure_ascii=False).encode()
        parts.append((record_id, version, keys.close(content, _bound_to(record_id, version)), keys.active))
    with connection.cursor() as cursor:
        cursor.executemany(_SEALED, parts)


def reveal(
    connection: psycopg.Connection, versions: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], dict[str, Any]]:
    """Return the fields of each (record_id, version) that has some, for the message that is being written.

    Raises:
        KeyErasedError: The key of a part is gone: what it held may not be sent any more.
        ValueError: A part was changed, or stands beside another record than it was sealed for.
    """
    names = [record_id for record_id, _ in versions], [version for _, version in versions]
    rows = connection.execute(_PARTS, names).fetchall()
    if not rows:
        return {}
    keys = exchange_keys.load()
    return {
        (record_id, version): json.loads(keys.open(ciphertext, key_id, _bound_to(record_id, version)))
        for record_id, version, ciphertext, key_id in rows
    }


def closed_for_ever(connection: psycopg.Connection, versions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Return those of the versions whose part cannot be opened any more: KEY_ERASED, or SEAL_BROKEN (it was changed).

    Raises:
        KeyFileError: There is no usable key file: nothing is known.
    """
    keys = exchange_keys.load()
    names = [record_id for record_id, _ in versions], [version for _, version in versions]
    found = dict[tuple[str, int], str]()
    for record_id, version, ciphertext, key_id in connection.execute(_PARTS, names).fetchall():
        try:
            keys.open(ciphertext, key_id, _bound_to(record_id, version))
        except exchange_keys.KeyErasedError:
            found[record_id, version] = "KEY_ERASED"
        except ValueError:
            found[record_id, version] = "SEAL_BROKEN"
    return found


def _bound_to(record_id: str, version: int) -> str:
    return f"{record_id}:{version}"
