"""Named points at which a test may let the process die, to see that what follows repairs it.

A point does nothing unless ``$MR_FAILPOINT`` names it: ``<point>=kill`` (SIGKILL), ``=pause`` (SIGSTOP) or ``=raise``;
several are joined by commas. Platform processes must run without this variable.
"""

import os
import signal

VARIABLE = "MR_FAILPOINT"
_SIGNALS = {"kill": signal.SIGKILL, "pause": signal.SIGSTOP}


class FailpointError(RuntimeError):
    """A point armed with ``raise`` was reached."""


def hit(point: str) -> None:
    """Die, stop or raise here when a test armed ``point``.

    Raises:
        FailpointError: The point is armed with ``raise``.
    """
    setting = os.environ.get(VARIABLE)
    if not setting:
        return
    action = dict(item.split("=", 1) for item in setting.split(",")).get(point)
    if action == "raise":
        raise FailpointError(point)
    if action is not None:
        os.kill(os.getpid(), _SIGNALS[action])
