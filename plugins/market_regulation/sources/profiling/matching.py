"""Which heading of a file is which column of a contract, and how sure that is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from market_regulation.sources.contract import Column, Source
from market_regulation.sources.profiling.headings import ALIKE, bare, likeness, parts, plain
from market_regulation.sources.profiling.values import Evidence
from market_regulation.sources.profiling.vocabulary import concept_of, vocabulary

COUNTING = frozenset({"序号", "行号", "编号序号", "no", "seq", "index"})  # headings that only count the rows
LEAST = 0.5  # confidence below which a heading is left to the engineer
_BY_TYPE = {"date": "date", "timestamp": "date", "amount": "amount"}
_TELLING = ("uscc", "device", "certificate", "date", "document_no", "identity", "phone")
_OF_THEIR_OWN = ("uscc", "device", "certificate", "document_no")  # values that tell their column without a heading


@dataclass(frozen=True)
class Target:
    """A column that headings are held against: every heading known for it, plain, with the confidence it gives."""

    name: str
    kind: str | None
    known: Mapping[str, float]
    signs: str | None


@dataclass(frozen=True)
class Guess:
    """The column found for one heading.

    Attributes:
        heading: As written in the file.
        column: None where no column reaches ``LEAST``.
        confidence: 0 to 1.
        reason: What the guess rests on, for the engineer who reads the draft.
        also: Further columns whose values the same cells hold (生产日期/批号).
    """

    heading: str
    column: str | None
    confidence: float
    reason: str
    also: list[str] = field(default_factory=list)


def targets(source: Source, others: Iterable[Source]) -> list[Target]:
    """Return the columns of ``source`` with the headings known from its profiles, from other contracts, from words."""
    elsewhere: dict[str, set[str]] = {}
    for other in others:
        for name, column in other.columns.items():
            elsewhere.setdefault(name, set()).update(_headings(other, name, column))
    return [
        _target(name, column, _headings(source, name, column), elsewhere.get(name, set()))
        for name, column in source.columns.items()
    ]


def concept_targets() -> list[Target]:
    """Return the whole vocabulary as columns, for a file that belongs to no contract."""
    return [
        Target(name, concept.kind, {plain(name): 0.95} | dict.fromkeys(concept.headings, 0.9), name)
        for name, concept in vocabulary().items()
    ]


def match(columns: Mapping[str, Evidence | None], among: Sequence[Target]) -> list[Guess]:
    """Return one guess per heading; no two headings get the same column, the surer one has it."""
    scored = [
        (score, heading, target.name, reason)
        for heading, found in columns.items()
        for target in among
        for score, reason in [_score(heading, found, target)]
        if score >= LEAST
    ]
    scored.sort(key=lambda entry: -entry[0])
    taken: dict[str, Guess] = {}
    used: set[str] = set()
    for score, heading, name, reason in scored:
        if heading not in taken and name not in used:
            taken[heading] = Guess(heading, name, round(score, 2), reason)
            used.add(name)
    return [_with_parts(taken.get(h) or Guess(h, None, 0.0, "no column fits"), among, used) for h in columns]


def _headings(source: Source, name: str, column: Column) -> set[str]:
    written = {
        plain(heading)
        for profile in source.profiles.values()
        for heading, to in profile.headers.items()
        if name in ([to] if isinstance(to, str) else to)
    }
    return {plain(name), plain(column.title)} | written


def _target(name: str, column: Column, own: set[str], elsewhere: set[str]) -> Target:
    concept = concept_of(name, column.title)
    known: dict[str, float] = dict.fromkeys(concept.headings if concept else (), 0.9)
    known |= dict.fromkeys(elsewhere, 0.95) | dict.fromkeys(own, 1.0)
    kind = concept.kind if concept else None
    signs = next((key for key, value in vocabulary().items() if value is concept), None)
    return Target(name, _BY_TYPE.get(column.type, kind if column.type in ("code", "text") else None), known, signs)


def _score(heading: str, found: Evidence | None, target: Target) -> tuple[float, str]:
    score, reason = _by_name(heading, target)
    if found is None or not found.filled:
        return score, reason
    share = found.kinds.get(target.kind, 0.0) if target.kind else 0.0
    if target.kind and share < 0.2:
        return score * 0.6, f"{reason}, though {share:.0%} of the values look like it"
    if target.kind in _OF_THEIR_OWN and share > 0.8:
        return max(min(score + 0.05, 1.0), 0.7), reason if score >= LEAST else "the values"
    other = next((k for k in _TELLING if k != target.kind and found.kinds.get(k, 0) > 0.8), None)
    if other and share < 0.8 and score < 1:
        return score * 0.5, reason
    return score, reason


def _by_name(heading: str, target: Target) -> tuple[float, str]:
    """Confidence from the heading's words alone."""
    form, short = plain(heading), bare(heading)
    if form in target.known:
        return target.known[form], "known heading"
    shorts = {bare(known): sure for known, sure in target.known.items()}
    if short in shorts:
        return shorts[short] - 0.05, "known heading, brackets and 标称 aside"
    if form in COUNTING:
        return 0.0, ""
    pieces = parts(heading)
    if len(pieces) > 1 and pieces[0] in shorts:
        return 0.82, f"begins with {pieces[0]}"
    if len(pieces) > 1 and pieces[-1] in shorts:
        return 0.75, f"ends with {pieces[-1]}"
    if target.signs and vocabulary()[target.signs].fits(heading):
        return 0.8, "form of the heading"
    nearest = max(shorts, key=lambda known: likeness(short, known), default="")
    alike = likeness(short, nearest) if len(short) > 1 else 0.0
    return (0.8 * alike, f"like {nearest}") if alike >= ALIKE else (0.0, "")


def _with_parts(guess: Guess, among: Sequence[Target], used: set[str]) -> Guess:
    """Add the free columns that other parts of a joined heading name."""
    pieces = parts(guess.heading)
    if guess.column is None or len(pieces) < 2:
        return guess
    also = [t.name for t in among if t.name not in used and any(t.known.get(piece, 0) >= 0.9 for piece in pieces)]
    return Guess(guess.heading, guess.column, guess.confidence, guess.reason, also[:2])
