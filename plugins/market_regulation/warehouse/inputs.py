"""What a build of the warehouse reads, as one fingerprint: when it is equal, a further build would change nothing."""

import hashlib
from pathlib import Path

import psycopg

from market_regulation import settings
from market_regulation.settings import project_root
from market_regulation.sources.catalog import load_sources

_DATA = """
select
    b.business_day,
    b.known_day,
    (select count(*) from landing.delivery where status = 'loaded'),
    (select max(delivery_id) from landing.delivery where status = 'loaded'),
    (select count(*) from landing.delivery where status not in ('loading', 'loaded'))
from control.business_day as b
"""


def fingerprint() -> str:
    """Return the hash of the business day, the deliveries there are, and every file of the dbt project.

    Raises:
        psycopg.Error: The warehouse cannot be read.
    """
    digest = hashlib.sha256(project_fingerprint().encode())
    with psycopg.connect(settings.dsn("warehouse", "transformer")) as connection:
        digest.update(repr(connection.execute(_DATA).fetchall()).encode())
    return digest.hexdigest()


def project_fingerprint() -> str:
    """Return the hash of every file of the dbt project that a build reads."""
    digest = hashlib.sha256()
    root = project_folder()
    for part in ("dbt_project.yml", "macros", "models", "seeds", "tests"):
        for file in sorted([root / part, *(root / part).rglob("*")]):
            if file.is_file():
                digest.update(f"{file.relative_to(root)}\n".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def project_folder() -> Path:
    """Return the folder of the dbt project."""
    return project_root() / "dbt_project"


def is_due() -> bool:
    """Tell whether a build would change something.

    It is not due before each source of the project has landed once, nor when the last good build read exactly what
    there is now.

    Raises:
        psycopg.Error: The warehouse cannot be read.
    """
    built = _built_file()
    return _all_landed_once() and not (built.exists() and built.read_text() == fingerprint())


def is_landing() -> bool:
    """Tell whether a delivery that came in just now is still on its way: its landing starts the next build.

    A delivery that hangs stops nothing: after two minutes it is waited for no longer.

    Raises:
        psycopg.Error: The warehouse cannot be read.
    """
    with psycopg.connect(settings.dsn("warehouse", "transformer")) as connection:
        ((coming,),) = connection.execute(
            "select exists (select from landing.delivery"
            " where status = 'loading' and received_at > now() - interval '2 minutes')"
        ).fetchall()
    return bool(coming)


def was_built() -> bool:
    """Tell whether there ever was a good build."""
    return _built_file().exists()


def _all_landed_once() -> bool:
    """Tell whether every source of the project has its view of accepted rows, which landing makes."""
    own = settings.source_folders()[0]
    views = [f"quality.{s.source}_accepted" for s in load_sources() if s.declared_in.parent == own]
    with psycopg.connect(settings.dsn("warehouse", "transformer")) as connection:
        ((missing,),) = connection.execute(
            "select count(*) from unnest(%s::text[]) as v (name) where to_regclass(name) is null", [views]
        ).fetchall()
    return not missing


def note_begin(run_id: str) -> None:
    """Note what the build of ``run_id`` is about to read; whatever arrives meanwhile makes another build due."""
    run_folder(run_id).mkdir(parents=True, exist_ok=True)
    (run_folder(run_id) / "inputs").write_text(fingerprint())


def note_built(run_id: str) -> None:
    """Note that the build of ``run_id`` was good."""
    _built_file().write_text((run_folder(run_id) / "inputs").read_text())


def run_folder(run_id: str) -> Path:
    """Return the folder that keeps what a build left: ``<home>/dbt/<run_id>``."""
    return settings.home() / "dbt" / run_id


def _built_file() -> Path:
    return settings.home() / "dbt" / "built"
