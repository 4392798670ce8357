"""The three views of a source: every row read, the rows of one delivery with their rules, the accepted rows.

``quality.<source>_canonical`` reads every parsable landed row; ``quality.<source>_checked`` is one delivery of it,
chosen by the settings ``market_regulation.delivery_id`` and ``market_regulation.business_day``, with one boolean per
computed rule; ``quality.<source>_accepted`` is what the warehouse may see. In all of them ``row_key`` is the row's key
joined by ``|``, and so is ``source_key`` unless the contract has a column of that name. A view is replaced only when
its text changes, so readers are not disturbed.
"""

import hashlib
import logging

import psycopg
from psycopg import sql

from market_regulation.quality.canonical import Expression, canonical_column, joined_key
from market_regulation.quality.suite import Suite, helper_columns
from market_regulation.sources.catalog import ContractError
from market_regulation.sources.contract import Source

log = logging.getLogger(__name__)

Columns = dict[str, Expression]
View = tuple[Columns, Expression]


def ensure_views(connection: psycopg.Connection, source: Source, suite: Suite) -> None:
    """Make the views what contract and suite say. The landing table must exist; the caller commits.

    Raises:
        ContractError: The contract lost a profile under which rows were delivered: nobody could read them any more.
    """
    _check_profiles(connection, source)
    connection.execute("select pg_advisory_xact_lock(hashtextextended('quality.' || %s, 0))", (source.source,))
    canonical, checked, accepted = (f"{source.source}_{role}" for role in ("canonical", "checked", "accepted"))
    _ensure(connection, canonical, *_canonical(source))
    _ensure(connection, checked, *_checked(source, suite))
    _ensure(connection, accepted, *_accepted(source))


def _check_profiles(connection: psycopg.Connection, source: Source) -> None:
    rows = connection.execute(
        "select distinct profile from landing.delivery where source = %s and status = 'loaded'", (source.source,)
    )
    if lost := sorted({str(row[0]) for row in rows} - set(source.profiles)):
        raise ContractError(
            f"{source.declared_in}: profiles: {lost} are missing, and rows delivered under them are in use;"
            " put them back (a changed template is a further profile)"
        )


def _columns(source: Source) -> Columns:
    """Return the columns that all three views share, over a table ``c`` of canonical texts."""
    key = joined_key(source, "c")
    columns: Columns = {"source_key": key}
    columns |= {name: sql.Identifier("c", name) for name in (*PLATFORM_COLUMNS, *source.columns)}
    for helper, kind in helper_columns(source).items():
        text = sql.Identifier("c", helper.removesuffix(f"_{kind}"))
        columns[helper] = sql.SQL("{}({})").format(sql.Identifier("quality", f"to_{kind}"), text)
    return {**columns, "row_key": key}


PLATFORM_COLUMNS = ("delivery_id", "row_no", "business_day", "submitter", "profile")


def _texts(source: Source) -> Expression:
    """Return the query of all parsable landed rows with their texts in canonical form."""
    profile = sql.Identifier("d", "profile")
    texts = sql.SQL(", ").join(
        sql.SQL("{} as {}").format(canonical_column(source, name, "l", profile), sql.Identifier(name))
        for name in source.columns
    )
    return sql.SQL(
        "select l.delivery_id, l.row_no, l.business_day, d.submitter, d.profile, {}"
        " from {} as l join landing.delivery as d on d.delivery_id = l.delivery_id where l._raw is null"
    ).format(texts, sql.Identifier("landing", source.source))


def _canonical(source: Source) -> View:
    return _columns(source), sql.SQL("from ({}) as c").format(_texts(source))


def _checked(source: Source, suite: Suite) -> View:
    """One delivery, each text read once: ``offset 0`` keeps the planner from repeating the reading in every rule."""
    columns = _columns(source)
    once = sql.SQL(", ").join(sql.SQL("{} as {}").format(text, sql.Identifier(name)) for name, text in columns.items())
    columns = {name: sql.Identifier("r", name) for name in columns}
    for rule in suite.rule_columns:
        columns[rule.name] = sql.SQL("({})").format(sql.SQL(rule.passes))  # text of our own repository
    body = sql.SQL(
        "from (select {} from ({} and l.delivery_id = current_setting('market_regulation.delivery_id')::bigint"
        " and l.business_day = current_setting('market_regulation.business_day')::date offset 0) as c offset 0) as r"
    ).format(once, _texts(source))
    return columns, body


def _accepted(source: Source) -> View:
    columns: Columns = {name: sql.Identifier("c", name) for name in _columns(source)}
    body = sql.SQL(
        "from {} as c"
        " where c.delivery_id in (select d.delivery_id from landing.delivery as d where d.status = 'loaded')"
        " and not exists (select from quality.quarantine as q"
        " where q.delivery_id = c.delivery_id and q.row_no = c.row_no)"
        " and not exists (select from landing.duplicate as s"
        " where s.delivery_id = c.delivery_id and s.row_no = c.row_no)"
    ).format(sql.Identifier("quality", f"{source.source}_canonical"))
    return columns, body


def _ensure(connection: psycopg.Connection, name: str, columns: Columns, body: Expression) -> None:
    """Create or replace one view; PostgreSQL lets it gain columns at its end only, so known ones keep their place."""
    present = _present_columns(connection, name)
    order = [column for column in present if column in columns] + [
        column for column in columns if column not in present
    ]
    selected = sql.SQL(", ").join(
        sql.SQL("{} as {}").format(columns[column], sql.Identifier(column)) for column in order
    )
    view = sql.Identifier("quality", name)
    query = sql.SQL("select {} {}").format(selected, body).as_string(connection)
    mark = hashlib.sha256(query.encode()).hexdigest()
    if present and _mark(connection, name) == mark:
        return
    if any(column not in columns for column in present):
        log.warning(
            "quality.%s lost columns: it and the views built on it are dropped; run `make build` afterwards", name
        )
        connection.execute(sql.SQL("drop view {} cascade").format(view))
    connection.execute(sql.SQL("create or replace view {} as {}").format(view, sql.SQL(query)))
    connection.execute(sql.SQL("comment on view {} is {}").format(view, sql.Literal(mark)))


def _present_columns(connection: psycopg.Connection, name: str) -> list[str]:
    rows = connection.execute(
        "select attname from pg_attribute where attrelid = to_regclass(format('quality.%%I', %s::text))"
        " and attnum > 0 and not attisdropped order by attnum",
        (name,),
    )
    return [str(row[0]) for row in rows]


def _mark(connection: psycopg.Connection, name: str) -> str | None:
    row = connection.execute(
        "select obj_description(to_regclass(format('quality.%%I', %s::text)), 'pg_class')", (name,)
    ).fetchone()
    return row[0] if row else None
