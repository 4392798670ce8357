"""Airflow DAG ``review``: one run puts one question about one payload before a person and records the answer."""

from datetime import timedelta
from typing import Any

import pendulum
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Asset, Param, dag, get_current_context, task

from market_regulation import settings

REVIEWED = Asset("disclosure.review", uri="x-warehouse://disclosure/review")
DECISIONS = {"Approve": "approved", "Reject": "refused"}

DOC = """
### review
Asks one of the reviewers whether exactly this payload may be published, and writes the answer to `disclosure.review`.

- **Owner**: disclosure-office, tier 1. **Starts**: one run per open question, `review__<review_id>`, by `disclose`.
- Only the users in `$REVIEWERS` (default: checker) may answer, and none of them on a case that they entered: the table
  compares the answer's name with the `maker` of the landed row and refuses it. The task `record` then fails, the
  question stays open: clear the run, so that another reviewer answers.
- **No answer means held**: everything else goes on. After 14 days without one the run fails, so that somebody sees it;
  nothing is decided. Clear the failed run to ask again.
- **Re-run**: now; an answer once given stays (`ReviewDecidedError`).
"""

BODY = """
May exactly this content be published?

- question `{{ params.review_id }}`: {{ ti.xcom_pull(task_ids='hand_over') }}
- the content: `select d.payload from marts.disclosure_due as d join disclosure.review as v
  on v.payload_sha256 = d.payload_sha256 where v.review_id = '{{ params.review_id }}'`
- a change of the rules: `select c.* from disclosure.rule_change as c join disclosure.review as v
  on v.payload_sha256 = c.batch_sha256 where v.review_id = '{{ params.review_id }}'`

**Approve**: it is published at once, or the whole list of the change is carried out. **Reject**: it stays held, or the
records of the list stay public as they are. Either is recorded with your name and reason.
"""


@dag(
    dag_id="review",
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz=settings.TIME_ZONE),
    catchup=False,
    max_active_runs=10_000,
    tags=["layer:disclosure", "tier:1"],
    default_args={"owner": "disclosure-office", "retries": 2, "retry_delay": timedelta(seconds=30)},
    params={"review_id": Param(type="string", pattern="^[0-9a-f]{16}$", description="disclosure.review.review_id")},
    doc_md=DOC,
)
def review() -> None:
    """Wire hand_over → answer → record."""

    @task
    def hand_over() -> str:
        """Note that the question is before a person; return the line that names the case without personal data."""
        from market_regulation.disclosure import reviews

        return reviews.hand_over(_review_id()).subject

    answer = HITLOperator(
        task_id="answer",
        subject="{{ ti.xcom_pull(task_ids='hand_over') }}",
        body=BODY,
        options=list(DECISIONS),
        params={"reason": Param(None, type=["null", "string"], title="Reason", maxLength=500)},
        assigned_users=[{"id": name, "name": name} for name in settings.reviewers()],
        response_timeout=timedelta(days=14),
        retries=0,
    )

    @task(outlets=[REVIEWED], pool="disclosure")
    def record(given: dict[str, Any]) -> None:
        """Write who decided what and why."""
        import psycopg

        from market_regulation import business_day
        from market_regulation.disclosure import reviews

        with psycopg.connect(settings.dsn("warehouse", "publisher")) as connection:
            today = business_day.get(connection)
        (option,) = given["chosen_options"]
        reason = given["params_input"].get("reason")
        reviews.record(_review_id(), DECISIONS[option], given["responded_by_user"]["name"], today, reason)

    hand_over() >> answer
    record(answer.output)


def _review_id() -> str:
    return str(get_current_context()["params"]["review_id"])


review()
