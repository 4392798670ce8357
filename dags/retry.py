"""Airflow DAG ``retry``: the clock of what is to be sent again, after 1, 5, 15, 60 minutes and then hourly."""

from datetime import timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import CronTriggerTimetable, dag, get_current_context, task

from market_regulation import settings

DOC = """
### retry
Asks the warehouse every five minutes whether anything is due to be tried again: a batch whose outcome is unknown, rows
that no run took, rows whose answer is overdue. Only then, and only if no run of `disclose` is under way, it starts one.

- **Owner**: disclosure-office, tier 1. **Re-run**: never needed, the next one comes.
- **It starts `disclose` again and again**: a receiver is away or refuses; the log of `disclose.deliver` says which.
"""


@dag(
    dag_id="retry",
    schedule=CronTriggerTimetable("*/5 * * * *", timezone=settings.TIME_ZONE, run_immediately=timedelta(0)),
    start_date=None,
    catchup=False,
    max_active_runs=1,
    tags=["layer:disclosure", "tier:1"],
    default_args={
        "owner": "disclosure-office",
        "retries": 1,
        "retry_delay": timedelta(minutes=1),
        "execution_timeout": timedelta(minutes=2),
    },
    doc_md=DOC,
)
def retry() -> None:
    """Wire look → disclose."""

    @task.branch
    def look() -> str | None:
        """Name the task that starts ``disclose``, if there is anything to start it for."""
        from market_regulation.disclosure import retries

        if not retries.due():
            return None
        under_way = get_current_context()["ti"].get_dr_count(dag_id="disclose", states=["queued", "running"])
        return None if under_way else "start_disclose"

    look() >> TriggerDagRunOperator(task_id="start_disclose", trigger_dag_id="disclose", logical_date=None)


retry()
