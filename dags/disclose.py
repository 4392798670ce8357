"""Airflow DAG ``disclose``: publish what is due, withdraw what no longer is, prove that the public copy is right."""

from datetime import date, timedelta

import pendulum
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Asset, dag, task, task_group

from market_regulation import settings

MARTS = Asset("warehouse.marts", uri="x-warehouse://warehouse/marts")
REVIEWED = Asset("disclosure.review", uri="x-warehouse://disclosure/review")
QUESTIONS_PER_RUN = 100

DOC = """
### disclose
Writes the operations of the business day into the ledger, sends them, fetches the receipts and compares the public copy
with what should be public, on every enabled channel of `disclosure.channel`. What is due is a query over marts and
ledger, so a repeated run does nothing. The day's page is `.local/reports/reconciliation/<day>.html`.

- **Owner**: disclosure-office, tier 1. **Starts**: after a build of the warehouse, after an answered review, by `retry`
  when something is due again, by the nightly sweep, or by hand (`make disclose`).
- **Re-run**: now, at any time. **It never waits for a person**: open questions go to runs of `review`.
- **plan fails**: "built for another day" or "did not end well": run `warehouse` first. Nothing new was decided; what
  was decided before is still sent.
- **deliver or receipts fails**: that channel's receiver is away; the other channels go on. Nothing is lost: a batch
  whose outcome is unknown is sent again under its number, by any run after its wait.
- **"was not taken"** (CRITICAL): the receiver refuses a batch, or a key was erased. Its rows travel in smaller batches
  until the row that is the reason stands alone and is named: correct it, or ask the receiver. Nothing else waits.
- **"restored to an older state"** (CRITICAL): batches lie at a receiver that the ledger does not know. What it shows
  was read back into the ledger before anything was sent; find out who restored the database, run `make verify-ledger`.
- **reconcile fails**: the receiver did not answer; it is repeated here and by every later run.
- **An `extra` record** in the log of reconcile (CRITICAL) is public without any version of ours behind it. It is never
  withdrawn automatically: find out who published it.
- **A rejected row** stays in `disclosure.outbox` with its error code until the source corrects the record.
"""


@dag(
    dag_id="disclose",
    schedule=MARTS | REVIEWED,
    start_date=pendulum.datetime(2026, 1, 1, tz=settings.TIME_ZONE),
    catchup=False,
    max_active_runs=1,
    tags=["layer:disclosure", "tier:1"],
    default_args={
        "owner": "disclosure-office",
        "pool": "disclosure",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),  # the first step of the retry schedule of sendings
        "execution_timeout": timedelta(minutes=25),
    },
    doc_md=DOC,
)
def disclose() -> None:
    """Wire plan → channels → (deliver → receipts → reconcile for each), and plan → questions → ask."""

    @task
    def plan() -> None:
        """Write the operations of the day into ledger and outbox, and the open questions into the reviews."""
        from market_regulation.disclosure import adopt, plan

        adopt.adopt_all(_business_day())  # after a restore the receivers know more than the ledger
        plan.plan(_business_day())

    @task(trigger_rule="all_done")  # what an earlier plan decided goes out, whatever became of this one
    def channels() -> list[str]:
        """Name the enabled channels; a channel that is down does not hold up the others."""
        import psycopg

        from market_regulation.disclosure import batches

        with psycopg.connect(settings.dsn("warehouse", "publisher")) as connection:
            return list(batches.enabled(connection))

    @task
    def deliver(channel: str) -> None:
        """Send what the outbox holds, withdrawals first."""
        from market_regulation.disclosure import deliver

        deliver.deliver(_business_day(), channel)

    @task
    def receipts(channel: str) -> None:
        """Fetch the receiver's answers and settle the outbox by them."""
        from market_regulation.disclosure import receipts

        receipts.collect(channel)

    @task
    def reconcile(channel: str) -> None:
        """Compare the public copy with what should be public; queue again what is missing or stale."""
        from market_regulation.disclosure import reconcile

        reconcile.reconcile(_business_day(), channel)

    @task_group
    def serve(channel: str) -> None:
        """One channel, from what waits to be sent to the proof of what is shown."""
        deliver(channel) >> receipts(channel) >> reconcile(channel)

    @task(pool="default_pool")
    def questions() -> list[dict[str, object]]:
        """Name a run of ``review`` for each open question that nobody was given yet."""
        from market_regulation.disclosure import reviews

        return [
            {"trigger_run_id": f"review__{question.review_id}", "conf": {"review_id": question.review_id}}
            for question in reviews.to_hand_over(QUESTIONS_PER_RUN)
        ]

    planned = plan()
    served = channels()
    planned >> served
    serve.expand(channel=served)
    asked = questions()
    planned >> asked
    TriggerDagRunOperator.partial(
        task_id="ask",
        trigger_dag_id="review",
        logical_date=None,
        skip_when_already_exists=True,
        pool="default_pool",
    ).expand_kwargs(asked)


def _business_day() -> date:
    import psycopg

    from market_regulation import business_day

    with psycopg.connect(settings.dsn("warehouse", "publisher")) as connection:
        return business_day.get(connection)


disclose()
