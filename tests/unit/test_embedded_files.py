"""Secrets lie in files that only their owner can read and that are never half written; settings fit the machine."""

import os
import stat
from pathlib import Path

import pytest

from market_regulation.embedded import tuning
from market_regulation.embedded.private_file import write_private
from market_regulation.embedded.tuning import GIB, MIB, server_settings


def test_only_the_owner_reads_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_private(tmp_path / "new" / "secret", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new" / "secret").stat().st_mode) == 0o600


def test_an_interrupted_write_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_private(tmp_path / "secret", "old")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_private(tmp_path / "secret", "new")
    assert (tmp_path / "secret").read_text() == "old"


@pytest.mark.parametrize(
    ("memory", "shared_buffers", "work_mem"),
    [
        (512 * MIB, "128MB", "8MB"),
        (8 * GIB, "1024MB", "21MB"),
        (24 * GIB, "3072MB", "64MB"),
        (512 * GIB, "8192MB", "128MB"),
    ],
)
def test_memory_settings_follow_the_machine(
    memory: int, shared_buffers: str, work_mem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "usable_memory", lambda: memory)
    chosen = server_settings(tmp_path, 6001, tmp_path)
    assert (chosen["shared_buffers"], chosen["work_mem"]) == (shared_buffers, work_mem)


def test_a_container_limit_below_the_machine_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "limit").write_text("1073741824\n")
    (tmp_path / "unlimited").write_text("max\n")
    monkeypatch.setattr(tuning, "CGROUP_LIMITS", (tmp_path / "limit", tmp_path / "unlimited", tmp_path / "absent"))
    assert tuning.usable_memory() == GIB


def test_durability_is_never_traded(tmp_path: Path) -> None:
    chosen = server_settings(tmp_path, 6001, tmp_path)
    assert (chosen["fsync"], chosen["synchronous_commit"]) == ("on", "on")
    assert chosen["client_connection_check_interval"] == "2s"
