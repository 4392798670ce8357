"""The scenario suite as one table, in Markdown and in HTML."""

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from scenario import HEAD, Case

COLUMNS = (*HEAD, "expected", "result")


def write_report(folder: Path, cases: Sequence[Case], differences: Mapping[str, Sequence[str]]) -> None:
    """Write ``scenarios.md`` and ``scenarios.html``: one row per case, with every difference found."""
    folder.mkdir(exist_ok=True)
    table = [list(_cells(case, differences.get(case.name, ()))) for case in cases]
    failed = sum(1 for case in cases if differences.get(case.name))
    title = f"{len(cases)} scenarios, {failed} fail"
    lines = [f"# {title}", "", _markdown(COLUMNS), _markdown(["---"] * len(COLUMNS)), *map(_markdown, table)]
    (folder / "scenarios.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    body = _html("th", COLUMNS) + "".join(_html("td", row) for row in table)
    page = (
        f"<!doctype html><meta charset='utf-8'><title>{title}</title><h1>{title}</h1><table border='1'>{body}</table>"
    )
    (folder / "scenarios.html").write_text(page, encoding="utf-8")


def _cells(case: Case, differences: Sequence[str]) -> Iterator[str]:
    yield from (case.head[name] for name in HEAD)
    yield "; ".join(f"{day}: {_expected(records)}" for day, records in sorted(case.days.items()))
    yield "; ".join(differences) if differences else "pass"


def _expected(records: Mapping[str, Mapping[str, object]]) -> str:
    return ", ".join(
        f"{name} {' '.join(f'{k}={v}' if k != 'state' else str(v) for k, v in expected.items())}"
        for name, expected in records.items()
    )


def _markdown(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _html(tag: str, cells: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>\n"
