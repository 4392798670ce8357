"""One background process that keeps the platform's components running.

It restarts what dies (PostgreSQL included), restarts a scheduler that stalls, and on SIGTERM ends everything but
PostgreSQL within about 10 seconds. What runs stands in ``<home>/run/platform.json``; output goes to
``<home>/logs/<component>.log``.
"""

import logging
import os
import signal
import time
from dataclasses import asdict
from types import FrameType

from market_regulation import settings
from market_regulation.embedded import airflow, postgres, watchdog
from market_regulation.embedded.component import Component
from market_regulation.embedded.private_file import write_private_json
from market_regulation.embedded.processes import Identity, end_sessions
from market_regulation.embedded.state import recorded_components, state_file

GRACE_SECONDS = 5.0  # the triggerer would take twelve
WATCHDOG_INTERVAL = 15.0
SCHEDULER_START = 90.0  # seconds a scheduler may take before the watchdog looks at it

log = logging.getLogger("supervisor")


class Supervisor:
    """Keeps the components alive until told to stop."""

    def __init__(self) -> None:
        """Take over from a predecessor that was killed: end what it left running."""
        end_sessions(recorded_components(), GRACE_SECONDS)
        self.components = {name: Component(name, command) for name, command in airflow.components().items()}
        self.metadata_uri = settings.dsn("airflow", "owner")
        self.next_watch = 0.0
        self.stopping = False

    def request_stop(self, signum: int, _frame: FrameType | None) -> None:
        """Handle a signal: leave the loop at its next turn."""
        log.info("signal %s", signum)
        self.stopping = True

    def run(self) -> None:
        """Supervise until asked to stop, then end all components."""
        while not self.stopping:
            self._keep_database()
            for component in self.components.values():
                self._keep(component)
            self._watch_scheduler()
            time.sleep(0.2)
        self._end_components()
        state_file().unlink(missing_ok=True)
        log.info("stopped")

    def _keep(self, component: Component) -> None:
        if component.has_ended():
            component.clean_up()
            self._record()
        elif component.process is None and time.time() >= component.next_start and not self.stopping:
            component.start(airflow.environment())
            self._record()

    def _keep_database(self) -> None:
        """Restart a PostgreSQL that died. If it had to take another port, every component needs the new address."""
        if postgres.is_external() or postgres.is_running():
            return
        log.warning("PostgreSQL is down, starting it")
        try:
            postgres.start()
        except Exception:
            log.exception("PostgreSQL did not start, next try in 2 s")
            time.sleep(2)
            return
        if settings.dsn("airflow", "owner") != self.metadata_uri:
            self.metadata_uri = settings.dsn("airflow", "owner")
            self._end_components()

    def _watch_scheduler(self) -> None:
        """Kill a stalled scheduler; the loop then starts a new one."""
        scheduler = self.components["scheduler"]
        if scheduler.identity is None or time.time() < max(self.next_watch, scheduler.started + SCHEDULER_START):
            return
        self.next_watch = time.time() + WATCHDOG_INTERVAL
        if reason := watchdog.stall(self.metadata_uri):
            log.error("ALARM: the scheduler stalls (%s), restarting it", reason)
            end_sessions([scheduler.identity], grace_seconds=0)

    def _end_components(self) -> None:
        end_sessions([c.identity for c in self.components.values() if c.process and c.identity], GRACE_SECONDS)

    def _record(self) -> None:
        components = {
            c.name: asdict(c.identity) | {"started": c.started, "failures": c.failures}
            for c in self.components.values()
            if c.identity is not None
        }
        write_private_json(state_file(), {"supervisor": asdict(Identity.of(os.getpid())), "components": components})


def main() -> None:
    """Run in the foreground; ``commands/up.py`` starts this in the background."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    supervisor = Supervisor()
    signal.signal(signal.SIGTERM, supervisor.request_stop)
    signal.signal(signal.SIGINT, supervisor.request_stop)
    supervisor.run()


if __name__ == "__main__":
    main()
