"""What headings mean in this field: ``vocabulary.yml``, one concept per column name."""

import re
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from market_regulation.sources.catalog import read_yaml
from market_regulation.sources.contract import ColumnType
from market_regulation.sources.profiling.headings import bare, facet, plain
from market_regulation.sources.strict import Strict

Personal = Literal["identity", "phone", "address", "name"]


class Concept(Strict):
    """One thing that a column can hold.

    Attributes:
        title: The usual heading.
        words: Other headings for it.
        like: Expressions for the whole heading, blanks and brackets' content aside.
        kind: What the values must be (a kind of ``values.KINDS``), if they can be told apart.
        type: Type of the column in a new contract.
        personal: Kind of personal data, if any.
    """

    title: str
    words: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    kind: str | None = None
    type: ColumnType = "text"
    personal: Personal | None = None

    @cached_property
    def headings(self) -> frozenset[str]:
        """Title and words, plain."""
        return frozenset(plain(word) for word in [self.title, *self.words])

    @cached_property
    def bare_headings(self) -> frozenset[str]:
        """Title and words, bare."""
        return frozenset(bare(word) for word in [self.title, *self.words])

    def fits(self, heading: str) -> bool:
        """Tell whether one of the expressions fits the whole heading, and it is no address or date of such a thing."""
        about = facet(heading)
        if about in ("address", "province", "date", "phone") and about != facet(self.title):
            return False
        return any(sign.fullmatch(form) for sign in self._signs for form in (plain(heading), bare(heading)))

    @cached_property
    def _signs(self) -> list[re.Pattern[str]]:
        return [re.compile(sign) for sign in self.like]


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, Concept]:
    """Return the concepts by column name."""
    document = read_yaml(Path(__file__).with_name("vocabulary.yml"))
    return {name: Concept.model_validate(entry, strict=False) for name, entry in document.items()}


def concept_of(name: str, title: str) -> Concept | None:
    """Return the concept of a contract's column: by its name, else by its title."""
    known = vocabulary()
    if name in known:
        return known[name]
    return next((concept for concept in known.values() if plain(title) in concept.headings), None)
