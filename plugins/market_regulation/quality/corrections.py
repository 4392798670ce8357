"""Rejected rows that a corrected return file puts right, whatever became of their key."""

import psycopg


def resolve_corrected(connection: psycopg.Connection, delivery_id: int) -> int:
    """Resolve the rejected rows that the rows of this delivery stand for, back to the first of a chain of corrections.

    A row that is rejected again resolves nothing; one that repeats an accepted row puts the rejected one right too. The
    delivery's quarantine must be written; the caller commits.

    Returns:
        The number of rows resolved.
    """
    return connection.execute(
        """
        with recursive put_right (delivery_id, row_no) as (
            select c.of_delivery_id, c.of_row_no
            from landing.correction as c
            where c.delivery_id = %(id)s and not exists (
                select from quality.quarantine as q where q.delivery_id = c.delivery_id and q.row_no = c.row_no)
            union
            select c.of_delivery_id, c.of_row_no
            from put_right as p
            join landing.correction as c on c.delivery_id = p.delivery_id and c.row_no = p.row_no
        )
        update quality.quarantine as q set resolved_by_delivery_id = %(id)s
        from put_right as p
        where q.delivery_id = p.delivery_id and q.row_no = p.row_no and q.resolved_by_delivery_id is null
        """,
        {"id": delivery_id},
    ).rowcount
