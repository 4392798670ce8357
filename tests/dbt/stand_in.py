"""Stand-ins for what landing makes from the contracts: plain tables with the columns of the accepted views.

They keep these tests on their own layer: a row put here is a row that quality accepted.
"""

import datetime as dt
from collections.abc import Mapping

import psycopg
from psycopg import sql

PLATFORM_COLUMNS = ("submitter", "profile", "row_key")
COLUMNS: dict[str, str] = {
    "agency_inspections": """report_no device_code use_certificate_no device_kind region_code user_unit_name
        user_unit_uscc agency_name agency_uscc inspection_type inspected_on reported_on conclusion next_due_on use_state""",
    "samr_spot_checks": """sample_no level plan_name authority_name authority_uscc product_domain product_category
        product_name brand model batch_no produced_on producer_name producer_uscc producer_region_code seller_name
        seller_uscc seller_region_code sampling_field sampled_on standard failed_items conclusion report_no reported_on""",
    "cnca_certificates": """certificate_no status status_on issued_on expires_on first_issued_on ccc_code product_name
        model standard applicant_name applicant_uscc manufacturer_name factory_name factory_uscc body_code body_name""",
    "cnca_validity_checks": """sample_no certificate_no ccc_code product_name model sampled_on holder_name holder_uscc
        factory_name consistency test_conclusion disposition disposition_on body_name lab_name reported_on""",
    "amr_penalties": """document_no authority_uscc party_key party_no party_name party_kind party_uscc
        legal_representative party_id_type party_id_no party_address party_region_code violation_type violation_fact
        penalty_basis penalty_kinds penalty_content fine_amount confiscated_amount license_revoked decided_on served_on
        service_mode publicity_notice_served_on repair_notice_served_on performed_on restriction_until procedure
        authority_name handling_office maker checker document document_media_type updated_at""",
    "registry_enterprises": "uscc enterprise_name status party_kind region_code established_on valid_from valid_to",
    "case_events": "event_id source_key event_type event_on document_no recorded_on",
}
KEYS = {
    "agency_inspections": ("report_no",),
    "samr_spot_checks": ("sample_no",),
    "cnca_certificates": ("certificate_no",),
    "cnca_validity_checks": ("sample_no",),
    "amr_penalties": ("document_no", "authority_uscc", "party_key"),
    "registry_enterprises": ("uscc", "valid_from"),
    "case_events": ("event_id",),
}


def create_sources(connection: psycopg.Connection) -> None:
    """Create the seven accepted tables and ``landing.row_outcome``, all empty, readable by dbt's role."""
    for source, columns in COLUMNS.items():
        table = sql.Identifier("quality", f"{source}_accepted")
        texts = [sql.SQL("{} text").format(sql.Identifier(c)) for c in (*columns.split(), *PLATFORM_COLUMNS)]
        connection.execute(
            sql.SQL("create table {} (delivery_id bigint, row_no bigint, business_day date, {})").format(
                table, sql.SQL(", ").join(texts)
            )
        )
        connection.execute(sql.SQL("grant select on {} to transformer").format(table))
    connection.execute(
        """
        create table landing.row_outcome (
            delivery_id bigint, row_no bigint, outcome text, rule_ids text[],
            same_as_delivery_id bigint, same_as_row_no bigint, resolved_by_delivery_id bigint
        )
        """
    )
    connection.execute("grant select on landing.row_outcome to transformer")


def deliver(
    connection: psycopg.Connection, source: str, business_day: dt.date, rows: list[Mapping[str, str | None]]
) -> int:
    """Put down one loaded delivery of accepted rows.

    Args:
        connection: Superuser's connection to the warehouse.
        source: Source word, as in ``COLUMNS``.
        business_day: Day from which the rows count as known.
        rows: Canonical values by column; columns left out are null.

    Returns:
        The delivery's number.
    """
    found = connection.execute(
        """
        insert into landing.delivery (
            source, submitter, profile, uri, arrival, sha256, bytes, announced_rows, received_rows, accepted_rows,
            quarantined_rows, duplicate_rows, blocked_rows, status, business_day
        )
        values (%(source)s, 'hand', 'hand', 'hand:' || %(source)s, gen_random_uuid()::text, gen_random_uuid()::text,
                0, %(rows)s, %(rows)s, %(rows)s, 0, 0, 0, 'loaded', %(day)s)
        returning delivery_id
        """,
        {"source": source, "rows": len(rows), "day": business_day},
    ).fetchone()
    assert found is not None
    delivery_id: int = found[0]
    for row_no, row in enumerate(rows, start=1):
        _accept(connection, source, delivery_id, row_no, business_day, row)
    return delivery_id


def _accept(
    connection: psycopg.Connection,
    source: str,
    delivery_id: int,
    row_no: int,
    business_day: dt.date,
    row: Mapping[str, str | None],
) -> None:
    values: dict[str, object] = {
        **row,
        "delivery_id": delivery_id,
        "row_no": row_no,
        "business_day": business_day,
        "submitter": "hand",
        "profile": "hand",
        "row_key": "|".join(str(row[k]) for k in KEYS[source]),
    }
    connection.execute(
        sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier("quality", f"{source}_accepted"),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(map(sql.Placeholder, values)),
        ),
        values,
    )
    connection.execute(
        "insert into landing.row_outcome (delivery_id, row_no, outcome) values (%s, %s, 'accepted')",
        (delivery_id, row_no),
    )
