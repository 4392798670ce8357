"""Airflow DAG ``maintenance``: every night, do what an event lost, prove the ledger, remove what is old."""

from datetime import timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import CronTriggerTimetable, dag, task

from market_regulation import settings

DOC = """
### maintenance
- **sweep**: asset events can be lost; work cannot, because what is due is a query. If the last good build has not read
  what there is now, `warehouse` is started (and `disclose` follows it), otherwise `disclose`: it sends again what was
  not answered, and compares the public copy.
- **verify_ledger**: chain, payload hashes, and the heads that receivers hold. It fails on any difference and names the
  row. Then stop publishing, keep the database as it is and call the auditor.
- **deadlines**: an error for each record of which half of the legal time is over, or all but a day, and that is not
  settled: it names the office that handles the case. Then see why: `select * from marts.disclosure_worklist`.
- **clean_up**: logs and artifacts of dbt runs older than 180 days (网络安全法 art. 21 asks for six months).
- **Owner**: data-platform, tier 2. **Re-run**: now, at any time.
"""


@dag(
    dag_id="maintenance",
    schedule=CronTriggerTimetable("30 2 * * *", timezone=settings.TIME_ZONE, run_immediately=timedelta(0)),
    start_date=None,  # with one, the first start of a platform would run a night that is over
    catchup=False,
    max_active_runs=1,
    tags=["layer:maintenance", "tier:2"],
    default_args={
        "owner": "data-platform",
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "execution_timeout": timedelta(minutes=30),
    },
    doc_md=DOC,
)
def maintenance() -> None:
    """Wire sweep → the DAG it names; the others stand alone."""

    @task.branch
    def sweep() -> str | None:
        """Name the DAG that has work to do; none before the first build."""
        from market_regulation.warehouse.inputs import is_due, was_built

        if is_due():
            return "start_warehouse"
        return "start_disclose" if was_built() else None

    @task(retries=0)
    def verify_ledger() -> None:
        """Fail if anything in the ledger is not as it was written."""
        from market_regulation.disclosure import ledger

        ledger.verify()

    @task
    def deadlines() -> None:
        """Log what nears its legal due date and is not settled."""
        from market_regulation.disclosure import deadlines

        deadlines.near()

    @task
    def clean_up() -> None:
        """Remove logs and dbt artifacts that nobody has to keep any longer."""
        from market_regulation.warehouse.retention import remove_old

        remove_old()

    sweep() >> [
        TriggerDagRunOperator(task_id=f"start_{dag_id}", trigger_dag_id=dag_id, logical_date=None)
        for dag_id in ("warehouse", "disclose")
    ]
    verify_ledger()
    deadlines()
    clean_up()


maintenance()
