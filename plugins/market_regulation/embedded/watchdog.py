"""Does the scheduler still work? Asked of Airflow's tables, because a stalled scheduler looks healthy from outside."""

import psycopg

# Heartbeat of the newest scheduler older than a minute: its loop hangs.
SILENT = """
select coalesce(now() - max(latest_heartbeat) > interval '60 s', true)
from job where job_type = 'SchedulerJob' and state = 'running'
"""

# Tasks queued for three minutes and none running: the executor takes nothing any more.
STUCK = """
select exists (select from task_instance where state = 'queued' and queued_dttm < now() - interval '3 min')
   and not exists (select from task_instance where state = 'running' and last_heartbeat_at > now() - interval '60 s')
"""


def stall(uri: str) -> str:
    """Return why the scheduler counts as stalled, empty when it works or when the database cannot be asked.

    Args:
        uri: Address of Airflow's metadata database.
    """
    try:
        with psycopg.connect(uri, connect_timeout=3, options="-c statement_timeout=3s") as connection:
            for reason, query in (("no heartbeat for a minute", SILENT), ("queued tasks are not started", STUCK)):
                if connection.execute(query).fetchone() == (True,):
                    return reason
    except psycopg.Error:
        return ""
    return ""
