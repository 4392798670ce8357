"""One case of the scenario suite, read from YAML: its facts as rows of the sources, its expectations by day and record.

Facts are listed in ``facts``; each is one mapping with one key, and ``known`` is the day of its delivery:

- ``penalty`` (columns of the source, or ``kinds``, ``fine``, ``confiscated``, ``province``, ``party``),
- ``sample`` (columns; ``seller: true`` adds one; ``served`` is a day for all parties, or a day by role, or null),
- ``listing``, ``validity_check``, ``supervision_check`` and ``other_department`` (columns of their sources),
- ``event`` (``type``, ``happened``, ``of``: role or id of another fact of the case),
- ``register`` (columns of the register; ``party: none`` leaves the case's party out of it),
- ``row`` (``source``, ``record_type``, ``key`` and ``columns`` of any other source),
- ``rule`` (``seed`` and its columns).

A fact of the same kind and ``id`` said again later is a corrected version of it. The party is in the register, and the
decision served with its notices, unless the case says otherwise. Reviews are answered with yes, unless ``review`` says
``refused`` or ``unanswered``. Of a public record ``shows`` names fields of the payload and their values.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import fact_rows as rows
import yaml

HEAD = ("case", "title", "law", "article", "domain", "confidence")
CONFIDENCES = {"verified", "GK", "page", "memory", "design"}
EXPECTED = {"state", "due_on", "publish_until", "reason", "provisional", "shows"}
BEGINNING = dt.date(2021, 9, 6)  # the first day of the pass


class Delivered(NamedTuple):
    """One row of one source, known from a day on."""

    known: dt.date
    source: str
    row: rows.Row


class RuleRow(NamedTuple):
    """One row of a rule seed that the case adds before the pass."""

    seed: str
    columns: dict[str, Any]


@dataclass
class Case:
    """One scenario."""

    head: dict[str, str]
    facts: list[dict[str, Any]]
    days: dict[dt.date, dict[str, dict[str, Any]]]
    review: str = "approved"
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)  # name -> (record type, source key)

    @property
    def is_about_person(self) -> bool:
        """Whether a natural person or a sole trader is the subject."""
        return any(said.get("party") in ("person", "sole_trader") for fact in self.facts for said in fact.values())

    @property
    def name(self) -> str:
        """The case's name, which is also its file's."""
        return self.head["case"]

    def record_id(self, expected: str) -> str:
        """Name the record that an expectation (``channel`` or ``channel.name``) is about (design, section 4)."""
        channel, _, name = expected.partition(".")
        record_type, key = self.keys[name]
        return hashlib.sha256(f"{channel}\x1f{record_type}\x1f{key}".encode()).hexdigest()


def read_case(file: Path) -> Case:
    """Read one case.

    Raises:
        ValueError: The file is not of the form described above.
    """
    said = yaml.safe_load(file.read_text(encoding="utf-8"))
    unknown = said.keys() - {*HEAD, "facts", "days", "review", "note"}
    if unknown or said["case"] != file.stem or said["confidence"] not in CONFIDENCES:
        raise ValueError(f"{file}: unknown keys {unknown}, another name or an unknown confidence")
    days: dict[dt.date, dict[str, dict[str, Any]]] = {}
    for entry in said["days"]:
        day = entry.pop("day")
        for channel, expected in entry.items():
            if not isinstance(expected, dict) or expected.keys() - EXPECTED or "state" not in expected:
                raise ValueError(f"{file}: {day} {channel}: {expected}")
        days[day] = entry
    return Case({name: str(said[name]) for name in HEAD}, said["facts"], days, said.get("review", "approved"))


def rows_of(case: Case) -> Iterator[Delivered | RuleRow]:
    """Write the case's facts as rows, and name its records in ``case.keys``."""
    writer = _Writer(case)
    for fact in case.facts:
        ((kind, said),) = fact.items()
        yield from getattr(writer, f"write_{kind}")(**said)
    if not any("register" in fact for fact in case.facts):
        for party in writer.parties:
            yield Delivered(BEGINNING, "registry_enterprises", rows.enterprise(party))


class _Writer:
    """Writes one fact after the other; a fact said again is merged over what was said of it before."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.parties: set[rows.Party] = set()
        self.said: dict[tuple[str, str], dict[str, Any]] = {}
        self.events = 0

    def write_rule(self, seed: str, **columns: Any) -> Iterator[RuleRow]:
        yield RuleRow(seed, columns)

    def write_register(self, party: str = "company", known: dt.date = BEGINNING, **columns: Any) -> Iterator[Delivered]:
        if party != "none":
            entry = rows.enterprise(rows.party(party, self.case.name), **columns)
            yield Delivered(known, "registry_enterprises", entry)

    def write_event(self, known: dt.date, type: str, happened: dt.date, of: str = "") -> Iterator[Delivered]:  # noqa: A002
        self.events += 1
        about = self.case.keys["" if of in ("producer", "holder") else of][1]
        yield Delivered(known, "case_events", rows.event(f"{self.case.name}-{self.events}", about, type, happened))

    def write_row(
        self,
        known: dt.date,
        source: str,
        record_type: str,
        key: str,
        columns: dict[str, Any],
        id: str = "",  # noqa: A002
    ) -> Iterator[Delivered]:
        self.case.keys[id] = (record_type, key)
        yield Delivered(known, source, rows.texts(columns))

    def write_penalty(self, known: dt.date, id: str = "", **said: Any) -> Iterator[Delivered]:  # noqa: A002
        is_first, said = self._merge("penalty", id, said)
        served = said.pop("service", said["decided_on"])
        row = rows.penalty(f"{self.case.name.upper()}{id}", self._party(said.pop("party", "company")), said)
        key = f"{row['document_no']}|{row['authority_uscc']}|{row['party_key']}"
        self.case.keys[id] = ("administrative_penalty", key)
        yield Delivered(known, "amr_penalties", row)
        if is_first and served:
            yield Delivered(known, "case_events", rows.event(f"{self.case.name}{id}-served", key, "service", served))

    def write_sample(self, known: dt.date, id: str = "", **said: Any) -> Iterator[Delivered]:  # noqa: A002
        is_first, said = self._merge("sample", id, said)
        served, number = said.pop("served", said["reported_on"]), f"{self.case.name.upper()}{id}"
        producer = self._party(said.pop("party", "company"))
        seller = self._party("company", "/seller") if said.pop("seller", False) else None
        yield Delivered(known, "samr_spot_checks", rows.sample(number, producer, seller, said))
        self.case.keys |= {
            f"{id}sample": ("spot_check", number),
            id: ("spot_check", f"{number}|producer"),
            f"{id}seller": ("spot_check", f"{number}|seller"),
        }
        for role in ("producer", "seller") if seller else ("producer",):
            day = served.get(role) if isinstance(served, dict) else served
            if is_first and day:
                about = f"{number}|{role}"
                yield Delivered(known, "case_events", rows.event(f"{number}-{role}-served", about, "service", day))

    def write_listing(self, known: dt.date, id: str = "", **said: Any) -> Iterator[Delivered]:  # noqa: A002
        _, said = self._merge("listing", id, said)
        row = rows.listing(f"{self.case.name.upper()}{id}", self._party(said.pop("party", "company")), said)
        self.case.keys[id] = ("serious_listing", f"{row['document_no']}|{row['authority_uscc']}|{row['party_key']}")
        yield Delivered(known, "amr_serious_listings", row)

    def write_validity_check(self, known: dt.date, id: str = "", **said: Any) -> Iterator[Delivered]:  # noqa: A002
        is_first, said = self._merge("validity_check", id, said)
        served, number = said.pop("service", said["reported_on"]), f"{self.case.name.upper()}{id}"
        self.case.keys[id] = ("ccc_validity", number)
        holder = self._party(said.pop("party", "company"))
        yield Delivered(known, "cnca_validity_checks", rows.validity_check(number, holder, said))
        if is_first and served:
            yield Delivered(known, "case_events", rows.event(f"{number}-served", number, "service", served))

    def write_supervision_check(self, known: dt.date, id: str = "", **said: Any) -> Iterator[Delivered]:  # noqa: A002
        _, said = self._merge("supervision_check", id, said)
        row = rows.supervision_check(f"{self.case.name.upper()}{id}", self._party(said.pop("party", "company")), said)
        self.case.keys[id] = ("other_check", f"{row['check_no']}|{row['authority_uscc']}")
        yield Delivered(known, "amr_supervision_checks", row)

    def write_other_department(self, known: dt.date, id: str = "", **said: Any) -> Iterator[Delivered]:  # noqa: A002
        _, said = self._merge("other_department", id, said)
        row = rows.other_department_penalty(
            f"{self.case.name.upper()}{id}", self._party(said.pop("party", "company")), said
        )
        self.case.keys[id] = ("other_dept_penalty", f"{row['datadept']}|{row['caseid']}")
        yield Delivered(known, "other_department_penalties", row)

    def _merge(self, kind: str, name: str, said: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
        is_first = (kind, name) not in self.said
        self.said[kind, name] = self.said.get((kind, name), {}) | said
        return is_first, dict(self.said[kind, name])

    def _party(self, kind: str, seed: str = "") -> rows.Party:
        party = rows.party(kind, self.case.name + seed)
        if party.uscc:
            self.parties.add(party)
        return party
