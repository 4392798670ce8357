"""The command line: one URI and nothing else, clear refusals, files dropped whole, installs that can be interrupted."""

import hashlib
import time
from pathlib import Path

import pytest

from market_regulation.commands import __main__ as command_line
from market_regulation.commands import ingest, install

URI = "postgresql://owner:secret@db.example:5432/warehouse"


def test_dsn_prints_the_external_address_and_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path))
    monkeypatch.setenv("WAREHOUSE_URI", URI)
    monkeypatch.setattr("sys.argv", ["commands", "dsn", "--role", "bi_reader"])
    assert command_line.main() == 0
    assert capsys.readouterr().out == f"{URI}\n"
    assert list(tmp_path.iterdir()) == []


def test_an_expected_failure_is_a_message_and_not_a_stack_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path))
    monkeypatch.setenv("WAREHOUSE_URI", URI)
    monkeypatch.setattr("sys.argv", ["commands", "dsn", "--db", "receiver", "--role", "owner"])
    assert command_line.main() == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert "set RECEIVER_OWNER_URI" in output.err


def test_a_dropped_file_does_not_replace_one_of_its_name_that_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path / "home"))
    file = tmp_path / "sh_0316 (1).csv"
    file.write_text("a")
    ingest.drop(file, "agency_inspections")
    file.write_text("b")
    with pytest.raises(
        FileExistsError, match=r"'sh_0316 \(1\)\.csv' that waits.*make ingest SOURCE=agency_inspections"
    ):
        ingest.drop(file, "agency_inspections")
    inbox = tmp_path / "home" / "inbox" / "agency_inspections"
    assert [(path.name, path.read_text()) for path in inbox.iterdir()] == [("sh_0316 (1).csv", "a")]
    assert time.time() - next(inbox.iterdir()).stat().st_mtime > 3600


@pytest.mark.parametrize(
    ("source", "name", "message"),
    [
        ("agency_inspections", "a.csv.part", "named like a copy under way"),
        ("agency_inspections", ".a.csv", "named like a copy under way"),
        ("amr_penalties", "a.csv", r"fetched by exchange_table.*submitted\.penalty, then: make ingest SOURCE=amr_"),
        ("samr_spot_checks", "a.csv", r"fetched by http_api.*return files.*\{base\}"),
    ],
)
def test_a_file_that_would_not_be_taken_from_the_inbox_is_refused(
    source: str, name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path / "home"))
    (tmp_path / name).write_text("a")
    with pytest.raises(ValueError, match=message):
        ingest.drop(tmp_path / name, source)
    assert not (tmp_path / "home" / "inbox").exists()


def test_a_return_file_is_put_into_the_inbox_of_any_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path / "home"))
    file = tmp_path / "submitted.penalty.office.return-7.xlsx"
    file.write_text("a")
    ingest.drop(file, "amr_penalties")
    assert (tmp_path / "home" / "inbox" / "amr_penalties" / file.name).read_text() == "a"


def test_a_file_that_cannot_be_copied_leaves_nothing_in_the_inbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARKET_REGULATION_HOME", str(tmp_path / "home"))
    with pytest.raises(FileNotFoundError):
        ingest.drop(tmp_path / "none.csv", "agency_inspections")
    assert list((tmp_path / "home" / "inbox" / "agency_inspections").iterdir()) == []


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone whose installer writes a marker instead of packages."""
    (tmp_path / "requirements.txt").write_text("x==1\n")
    (tmp_path / "python").write_text("#!/bin/sh\n")
    (tmp_path / "python").chmod(0o755)
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(install, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(install, "STAMP", tmp_path / ".venv" / "requirements.sha256")
    monkeypatch.setattr(install, "REQUIREMENTS", tmp_path / "requirements.txt")
    monkeypatch.setattr(install, "_install_with_uv", lambda: (tmp_path / ".venv").mkdir(exist_ok=True) or True)
    return tmp_path


def test_the_stamp_is_the_hash_of_the_lock_and_a_second_run_does_nothing(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert install.main() == 0
    expected = hashlib.sha256(b"x==1\n").hexdigest()
    assert (clone / ".venv" / "requirements.sha256").read_text() == expected
    monkeypatch.setattr(install, "_install_with_uv", lambda: pytest.fail("installed twice"))
    assert install.main() == 0


def test_after_an_interrupted_installation_the_environment_is_made_anew(clone: Path) -> None:
    (clone / ".venv").mkdir()
    (clone / ".venv" / "half a package").touch()
    assert install.main() == 0
    assert not (clone / ".venv" / "half a package").exists()


def test_a_failed_installation_leaves_no_stamp(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert install.main() == 0
    (clone / "requirements.txt").write_text("x==2\n")
    monkeypatch.setattr(install, "_install_with_uv", lambda: False)
    monkeypatch.setattr(install, "_install_with_pip", lambda: False)
    assert install.main() == 1
    assert not (clone / ".venv" / "requirements.sha256").exists()
