"""The columns of a return file: ours first, then the submitter's own headings."""

from collections.abc import Collection

from market_regulation.sources.contract import Source

ROW_NO, REASONS, ADVICE = "行号", "退回原因", "修改建议"
RAW = "退回行原文"
OURS = (ROW_NO, REASONS, ADVICE)
BATCH = "批次号"
SHEETS = "工作表数"
ROWS_PER_SHEET = 1_000_000  # Excel takes 1,048,576


def sheet_names(count: int) -> list[str]:
    """Return the names of a return file's sheets; the first one says how many there are."""
    return ["退回明细", *(f"退回明细{number}" for number in range(2, count + 1))]


def headings(source: Source, profile_name: str, filled: Collection[str]) -> dict[str, str]:
    """Return the submitter's headings with the contract column each is filled from.

    They come in the profile's order, then columns that are delivered under their own name. A column with several
    headings takes the first; a heading for several columns stands once. Headings that the profile ignores are not kept
    by landing and cannot be given back; constants and optional columns are left out unless ``filled`` names them.
    """
    profile = source.profiles.get(profile_name)
    found: dict[str, str] = {}
    named: set[str] = set()
    for heading, target in profile.headers.items() if profile else ():
        columns = [target] if isinstance(target, str) else list(target)
        if named.isdisjoint(columns):
            found[heading] = columns[0]
            named.update(columns)
    constants = set(profile.constants) if profile else set()
    for name, column in source.columns.items():
        if name not in named and (name in filled or not (column.optional or name in constants)):
            found[name] = name
    return found
