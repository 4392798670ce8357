"""The bare sides of the publishing benchmark: the bytes that the platform sent, with the same commits and fsyncs."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

import psycopg
from fastapi import FastAPI, Request

FOLDER = "BARE_STORE"
app = FastAPI(title="bare store")


@app.post("/{name}")
async def keep(name: str, request: Request) -> None:
    """Store a body durably under its name in ``$BARE_STORE``."""
    write_file(Path(os.environ[FOLDER]) / name, await request.body())


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and make it durable."""
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def files_seconds(files: Iterable[Path], folder: Path) -> float:
    """Time writing the same files into another folder."""
    contents = [(folder / file.name, file.read_bytes()) for file in files]
    began = time.perf_counter()
    for path, content in contents:
        write_file(path, content)
    return time.perf_counter() - began


def copy_seconds(admin: psycopg.Connection) -> float:
    """Time COPY of what lies in ``outbound.spot_check`` into a table of the same form, one commit per batch.

    The same form: the same columns, checks, primary key and foreign key.
    """
    admin.execute("drop table if exists outbound.bare")
    admin.execute("create table outbound.bare (like outbound.spot_check including all)")
    admin.execute("alter table outbound.bare add foreign key (batch_no) references outbound.batch")
    numbers = admin.execute("select batch_no from outbound.batch order by batch_no").fetchall()
    batches = [_rows(admin, batch_no) for (batch_no,) in numbers]
    admin.execute("checkpoint")
    began = time.perf_counter()
    for blocks in batches:
        with admin.cursor() as cursor, cursor.copy("copy outbound.bare from stdin") as copy:
            for block in blocks:
                copy.write(block)
    return time.perf_counter() - began


def _rows(admin: psycopg.Connection, batch_no: str) -> list[bytes]:
    """The rows of one batch in blocks of 1 MiB."""
    query = "copy (select * from outbound.spot_check where batch_no = %s order by record_id, version) to stdout"
    with admin.cursor() as cursor, cursor.copy(query, [batch_no]) as copy:
        whole = b"".join(map(bytes, copy))
    return [whole[begin : begin + (1 << 20)] for begin in range(0, len(whole), 1 << 20)]
