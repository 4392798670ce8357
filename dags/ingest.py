"""Airflow DAGs that take data in: one ``ingest__<source>`` per contract in ``sources/``.

Wiring only: a task loads its contract by name and calls one step of ``market_regulation.landing``, each of which does
all the work that is due and may be repeated at any time.
"""

import datetime as dt

from airflow.sdk import Asset, CronTriggerTimetable, Param, dag, get_current_context, get_parsing_context, task

from market_regulation.settings import TIME_ZONE
from market_regulation.sources.catalog import load_sources
from market_regulation.sources.contract import Source

DOC = """
### {title}

{description}

- **Owner** {owner}, tier {tier}; deadline {deadline} ({time_zone}); basis {legal_basis}
- **Steps** `collect` fetches what is new into the store, `land` writes it into `landing.{source}` as received, `check`
  applies `expectations/{source}.yml`, quarantines and decides, `send_back` writes what goes back to the submitters into
  `returns/{source}/`, `report` fails while a delivery of this day or an earlier one is blocked or failed, and when the
  newest accepted event is older than `freshness.error_days`, delivery or not.
- **Re-run** now: each step does what is left to do, a repeated run changes nothing.
- **When it fails** `collect`: the source cannot be reached, clear the task when it can. `land`, `check`: read the log's
  last line, mend, clear. `report`: the log names each delivery and the reason (also in `landing.delivery.message`);
  mend the contract `dags/sources/{source}.yml` or `expectations/{source}.yml` and run again: the delivery is judged
  again under its number, also when files of later days have loaded meanwhile. Or have it delivered again, corrected,
  under the same file name (API: run its day again; exchange table: the next slice brings its rows). A failed one:
  restore the store, `make ingest SOURCE={source} RETRY=<delivery_id>`. Where the source is silent, ask its publisher.
  `send_back`: clear it when the disk has room.
- **Look** `landing.delivery`, `landing.row_outcome`, `quality.open_quarantine`, `quality.result`; Data Docs.
"""


def build(source: Source) -> None:
    """Make the DAG of one source."""

    @dag(
        dag_id=f"ingest__{source.source}",
        dag_display_name=f"ingest__{source.source} · {source.title}",
        description=source.description,
        doc_md=DOC.format(**source.model_dump(include={*DOC_FIELDS}), time_zone=TIME_ZONE),
        schedule=CronTriggerTimetable(source.schedule, timezone=TIME_ZONE, run_immediately=dt.timedelta(0)),
        start_date=None,  # with one, the first start of a platform would run a day that is over
        catchup=False,
        max_active_runs=1,
        tags=["layer:landing", f"tier:{source.tier}"],
        params={"business_day": BUSINESS_DAY},
        default_args={
            "owner": source.owner,
            "pool": "landing",
            "retries": 0,
            "execution_timeout": dt.timedelta(minutes=30),
        },
    )
    def ingest() -> None:
        business_day = collect(source.source)
        landed = land(source.source, business_day)
        # what landed is checked even when one delivery could not land; then the report, and so the run, fails
        check_landed = check.override(outlets=[_asset(source)], trigger_rule="all_done_min_one_success")
        checked = check_landed(source.source, business_day)
        reported = report(source.source, business_day)
        landed >> checked >> [send_back(source.source), reported]
        landed >> reported

    ingest()


DOC_FIELDS = ("title", "description", "owner", "tier", "deadline", "legal_basis", "source")
BUSINESS_DAY = Param(
    default=None,
    type=["null", "string"],
    format="date",
    title="Business day",
    description="The day the delivery belongs to; empty means the platform's business day (control.business_day).",
)


def _asset(source: Source) -> Asset:
    return Asset(name=f"landing.{source.source}", uri=f"x-warehouse://landing/{source.source}")


@task(retries=2, retry_delay=dt.timedelta(seconds=30))
def collect(source: str) -> str:
    """Fetch what is due; return the business day (ISO) for the following steps."""
    from market_regulation import landing
    from market_regulation.sources.catalog import find_source

    given = get_current_context()["params"]["business_day"]
    day = dt.date.fromisoformat(given) if given else landing.current_business_day()
    landing.collect(find_source(source), day)
    return day.isoformat()


@task
def land(source: str, business_day: str) -> None:
    """Write the deliveries that wait into the landing table."""
    from market_regulation.landing import land_due
    from market_regulation.sources.catalog import find_source

    land_due(find_source(source), dt.date.fromisoformat(business_day))


@task
def check(source: str, business_day: str) -> None:
    """Decide the landed deliveries: accept them with their bad rows quarantined, or block them."""
    from market_regulation.landing import check_due
    from market_regulation.sources.catalog import find_source

    check_due(find_source(source), dt.date.fromisoformat(business_day))


@task(retries=2, retry_delay=dt.timedelta(seconds=30))
def send_back(source: str) -> None:
    """Write the return files and notices that submitters have not got yet."""
    from market_regulation.quality.returns.sending import send_back as write_due
    from market_regulation.sources.catalog import find_source

    write_due(find_source(source))


@task
def report(source: str, business_day: str) -> None:
    """Fail while a blocked or failed delivery of the day or before waits, or when the source has been silent too long.

    What was accepted has gone on already.
    """
    from market_regulation.landing import problems
    from market_regulation.sources.catalog import find_source

    if found := problems(find_source(source), dt.date.fromisoformat(business_day)):
        raise RuntimeError("\n".join(found))


only = get_parsing_context().dag_id
for contract in load_sources():
    if only in (None, f"ingest__{contract.source}"):
        build(contract)
