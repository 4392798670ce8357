"""Settings of the feed, and the points at which tests let the process die."""

import os
import signal

import pytest
from stdnum.cn import uscc

from market_regulation import failpoints
from market_regulation.disclosure import feed


def test_the_sender_has_a_valid_code_unless_told_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_USCC", raising=False)
    assert uscc.is_valid(feed.source_uscc())
    monkeypatch.setenv("SOURCE_USCC", "91110000600037341L")
    assert feed.source_uscc() == "91110000600037341L"


def test_answers_are_awaited_for_twenty_seconds_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RECEIPT_WAIT_SECONDS", raising=False)
    assert feed.receipt_wait() == 20
    monkeypatch.setenv("RECEIPT_WAIT_SECONDS", "0.5")
    assert feed.receipt_wait() == 0.5


def test_an_unarmed_point_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(failpoints.VARIABLE, raising=False)
    failpoints.hit("deliver.taken")
    monkeypatch.setenv(failpoints.VARIABLE, "deliver.written=raise")
    failpoints.hit("deliver.taken")


def test_an_armed_point_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(failpoints.VARIABLE, "deliver.taken=kill,deliver.written=raise")
    with pytest.raises(failpoints.FailpointError, match=r"deliver\.written"):
        failpoints.hit("deliver.written")


@pytest.mark.parametrize(("action", "expected"), [("kill", -signal.SIGKILL), ("pause", -signal.SIGSTOP)])
def test_an_armed_point_stops_the_process(action: str, expected: int) -> None:
    child = os.fork()
    if child == 0:
        os.environ[failpoints.VARIABLE] = f"here={action}"
        failpoints.hit("here")
        os._exit(0)
    _, status = os.waitpid(child, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        assert -os.WSTOPSIG(status) == expected
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    else:
        assert os.waitstatus_to_exitcode(status) == expected
