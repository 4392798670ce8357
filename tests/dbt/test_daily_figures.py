"""What the figures of ``marts.metric_daily`` say after each of the two days; counted by hand from ``case_rows``."""

from built_warehouse import Warehouse, failures

OF_FACTS = {
    ("ccc_check_failure_rate", "2026-01-10", "110000", "1", "2"),  # V2 of V1, V2
    ("fine_sum", "2026-02-10", "310000", "120000", None),  # six of eight decisions fine 20,000 元
    ("inspection_failure_rate", "2026-02-05", "310115", "1", "1"),
    ("inspection_failure_rate", "2026-03-05", "310115", "0", "1"),
    ("penalties_decided", "2026-02-10", "310000", "8", None),
    ("quarantine_rate", "2026-03-16", "unknown", "0", "38"),
    ("spot_check_discovery_rate", "2026-01-05", "310000", "3", "5"),  # S3 and S5 passed
}
STOCKS = {"certificates_valid", "certificates_suspended", "certificates_revoked", "inspections_overdue"}


def test_each_fact_counts_on_its_day_and_in_its_region(figures_of_first_day: list[tuple[str, ...]]) -> None:
    of_facts = {f for f in figures_of_first_day if f[0] in {name for name, *_ in OF_FACTS}}
    assert of_facts == OF_FACTS


def test_obligations_count_late_from_the_day_after_they_were_due(figures_of_first_day: list[tuple[str, ...]]) -> None:
    """Nothing is public yet; the other department names no code, so its record counts under unknown."""
    on_time = {f[1:] for f in figures_of_first_day if f[0] == "publication_on_time"}
    assert on_time == {
        ("2026-02-26", "310000", "0", "7"),
        ("2026-03-02", "310000", "0", "6"),
        ("2026-03-16", "310000", "0", "5"),
        ("2026-03-16", "unknown", "0", "1"),
    }
    stock = {f[0]: f[3:] for f in figures_of_first_day if f[0].startswith("obligations_") and f[2] == "310000"}
    assert stock == {
        "obligations_held": ("8", "19"),
        "obligations_late": ("13", "19"),
        "obligations_open": ("19", None),
    }


def test_late_correction_changes_the_figure_of_the_past_day(second_day: Warehouse) -> None:
    assert second_day.rows("select numerator from marts.metric_daily where metric = 'fine_sum'") == [(130_000,)]


def test_a_past_figure_can_be_asked_as_it_was_known(second_day: Warehouse) -> None:
    assert second_day.rows(
        "select sum(numerator) from intermediate.int_metric_contributions"
        " where metric = 'fine_sum' and known_from <= '2026-03-16' and '2026-03-16' < known_to"
    ) == [(120_000,)]


def test_stock_of_each_day_stays_beside_the_next(second_day: Warehouse) -> None:
    """One certificate is suspended on the second day; the other was on the first and is restored."""
    found = second_day.figures()
    assert {f[1:] for f in found if f[0] == "certificates_suspended"} == {
        ("2026-03-16", "110000", "1", "2"),
        ("2026-03-17", "110000", "1", "2"),
    }
    assert {f[1] for f in found if f[0] in STOCKS} == {"2026-03-16", "2026-03-17"}


def test_counting_every_day_anew_changes_nothing(second_day: Warehouse) -> None:
    grown = second_day.figures()
    stores = ("int_metric_days_touched", "metric_daily", "+metric_daily,config.materialized:view")
    anew = second_day.dbt("run", "--full-refresh", "--select", *stores)
    assert failures(anew) == []
    assert second_day.figures() == grown
