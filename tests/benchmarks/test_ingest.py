r"""How fast a delivery is taken in, next to ``psql \copy`` of the same bytes and to what others do with them.

The clock runs from opening the file in the inbox to the commit that makes its rows visible with their verdicts: the
copy in the store and its hash, landing, ANALYZE, every rule, quarantine with reasons, duplicates and Great Expectations
are inside. The sides take turns; each figure is the median of its rounds.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from benchmark_figures import FIGURES, ROOT
from psycopg.conninfo import make_conninfo
from spot_check_file import HEADINGS, write_spot_checks

from market_regulation import settings
from market_regulation.embedded import cluster
from market_regulation.embedded.private_file import read_json
from market_regulation.embedded.roles import ADMIN

pytestmark = pytest.mark.bench
HERE = Path(__file__).parent
COLUMNS = len(HEADINGS.split(","))
SIZES = {"100k": (100_000, 5), "1m": (1_000_000, 5), "5m": (5_000_000, 1)}
Record = Callable[[str, float], None]


@pytest.fixture(scope="module")
def admin(platform_home: Path) -> Iterator[psycopg.Connection]:
    """The superuser: he alone can empty the landing tables between two rounds."""
    password = read_json(platform_home / "postgres" / "passwords.json")[ADMIN]
    with psycopg.connect(
        make_conninfo(settings.dsn("warehouse", "owner"), user=ADMIN, password=password), autocommit=True
    ) as connection:
        yield connection


@pytest.fixture(scope="module", params=SIZES)
def size(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int, Path]]:
    """A file of each size, gone afterwards: name, rounds, path."""
    rows, rounds = SIZES[request.param]
    path = tmp_path_factory.mktemp("bench") / f"{request.param}.csv"
    write_spot_checks(path, rows)
    yield request.param, rounds, path
    path.unlink()


def test_ingest_beside_copy(size: tuple[str, int, Path], admin: psycopg.Connection, record: Record) -> None:
    name, rounds, path = size
    copied, whole, bare = [], [], []
    for _ in range(rounds):
        copied.append(copy_seconds(admin, path))
        whole.append(ingest(admin, path))
        bare.append(ingest(admin, path, "--without-gx"))
        print(f"{name}: COPY {copied[-1]:.2f} s, ingest {whole[-1]['seconds']:.2f} s", file=sys.stderr, flush=True)
    copy = statistics.median(copied)
    seconds = statistics.median(one["seconds"] for one in whole)
    record(f"ingest.{name}.copy_s", copy)
    record(f"ingest.{name}.seconds", seconds)
    record(f"ingest.{name}.ratio_to_copy", copy / seconds)
    record(f"ingest.{name}.ratio_without_gx", copy / statistics.median(one["seconds"] for one in bare))
    record(f"ingest.{name}.rss_mb", max(one["rss_mb"] for one in whole))
    record(f"ingest.{name}.us_per_row", seconds / whole[0]["rows"] * 1e6)
    record("ingest.startup_s", statistics.median(one["startup_s"] for one in whole))


def test_cost_per_row_does_not_grow(record: Record) -> None:
    """The figure of two sizes measured above."""
    if not {"ingest.1m.us_per_row", "ingest.5m.us_per_row"} <= FIGURES.keys():
        pytest.skip("1m and 5m were not both measured in this run")
    record("ingest.5m_over_1m.cost_per_row", FIGURES["ingest.5m.us_per_row"] / FIGURES["ingest.1m.us_per_row"])


@pytest.mark.parametrize("rows", ["100k", "1m"])
def test_dlt_beside_copy(rows: str, peers: Path, admin: psycopg.Connection, record: Record, tmp_path: Path) -> None:
    path = tmp_path / "peer.csv"
    write_spot_checks(path, SIZES[rows][0])
    copied, loaded = [], []
    for _ in range(3):
        copied.append(copy_seconds(admin, path))
        command = [peers, HERE / "peers.py", "dlt", path, uri(admin)]
        loaded.append(float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]))
    record(f"ingest.{rows}.dlt_ratio_to_copy", statistics.median(copied) / statistics.median(loaded))


def test_to_sql_beside_copy(admin: psycopg.Connection, record: Record, tmp_path: Path) -> None:
    import pandas as pd
    import sqlalchemy

    path = tmp_path / "peer.csv"
    write_spot_checks(path, SIZES["100k"][0])
    copied = copy_seconds(admin, path)
    engine = sqlalchemy.create_engine(uri(admin).replace("postgresql://", "postgresql+psycopg://", 1))
    began = time.perf_counter()
    pd.read_csv(path, dtype=str).to_sql("peer_to_sql", engine, if_exists="replace", index=False, chunksize=10_000)
    record("ingest.100k.to_sql_ratio_to_copy", copied / (time.perf_counter() - began))
    engine.dispose()


@pytest.fixture(scope="module")
def peers() -> Path:
    """Python of an environment with the peers, made once under ``.local/``."""
    home = ROOT / ".local" / "benchmarks" / "peers"
    if not (home / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        install = [home / "bin" / "pip", "install", "--quiet", "--require-hashes", "-r", HERE / "peers.txt"]
        subprocess.run(install, check=True)
        (home / "ready").touch()
    return home / "bin" / "python"


def copy_seconds(admin: psycopg.Connection, path: Path) -> float:
    r"""Time ``psql \copy`` of the file into a new table of as many text columns."""
    columns = ", ".join(f"c{number} text" for number in range(COLUMNS))
    admin.execute("drop table if exists public.copied")
    admin.execute(f"create table public.copied ({columns})")
    admin.execute("checkpoint")
    environment = os.environ | {"PGPASSWORD": admin.info.password}
    where = make_conninfo(host=admin.info.host, port=admin.info.port, user=ADMIN, dbname=admin.info.dbname)
    statement = f"\\copy public.copied from '{path}' with (format csv, header)"
    began = time.perf_counter()
    subprocess.run([cluster.BIN / "psql", where, "-X", "-q", "-c", statement], env=environment, check=True)
    return time.perf_counter() - began


def ingest(admin: psycopg.Connection, path: Path, *options: str) -> dict[str, float]:
    """Take the file in as the only delivery there is, in a process of its own."""
    mine = "select to_regclass('landing.bench_spot_checks'), to_regclass('quality.bench_spot_checks_key')"
    known = filter(None, admin.execute(mine).fetchone() or ())
    tables = ["landing.delivery", "landing.duplicate", "quality.quarantine", *known]
    admin.execute(f"truncate {', '.join(tables)} cascade")
    own = admin.execute("select oid::regclass::text from pg_class where relname ~ '^bench_spot_checks__d[0-9]+$'")
    for (partition,) in own.fetchall():
        admin.execute(f"drop table {partition}")
    admin.execute("checkpoint")
    environment = os.environ | {"MARKET_REGULATION_SOURCES": str(HERE / "sources"), "PYTHONPATH": str(ROOT / "plugins")}
    command = [sys.executable, HERE / "ingest_worker.py", path, *options]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def uri(admin: psycopg.Connection) -> str:
    """Return the address of the superuser as a URI."""
    return f"postgresql://{ADMIN}:{admin.info.password}@{admin.info.host}:{admin.info.port}/{admin.info.dbname}"
