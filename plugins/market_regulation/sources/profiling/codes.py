"""The code words of a contract's columns, and which words of a file are among them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from market_regulation.sources.contract import Source

LONGEST_WORD = 20  # characters; what is longer is no code word, and perhaps nothing to show


@dataclass(frozen=True)
class CodeWords:
    """What is known of one code column: our codes, and the submitters' words for them."""

    ours: set[str] = field(default_factory=set)
    written: dict[str, str] = field(default_factory=dict)


def code_words(source: Source, others: Iterable[Source], allowed: Mapping[str, Iterable[str]]) -> dict[str, CodeWords]:
    """Return the code columns of ``source`` with their words.

    Args:
        source: Its profiles' look-ups count first.
        others: Contracts whose look-ups for a column of the same name help out where their codes are ours too.
        allowed: Per column the codes that the source's rules accept; they are not known to the contract itself.
    """
    found = {name: CodeWords(ours=set(codes)) for name, codes in allowed.items() if name in source.columns}
    for profile in source.profiles.values():
        for column, words in profile.lookups.items():
            entry = found.setdefault(column, CodeWords())
            entry.ours.update(words.values())
            entry.written.update(words)
    for other in others:
        for profile in other.profiles.values():
            for column, words in profile.lookups.items():
                if known := found.get(column):
                    fitting = {word: code for word, code in words.items() if code in known.ours}
                    known.written.update({word: code for word, code in fitting.items() if word not in known.written})
    return found


def sort_words(words: Mapping[str, int], known: CodeWords) -> tuple[dict[str, str], dict[str, int]]:
    """Return the words that need a look-up with their code, and the unknown ones with their rows."""
    looked_up = {word: known.written[word] for word in words if word in known.written}
    unknown = {word: rows for word, rows in words.items() if word not in known.written and word not in known.ours}
    return looked_up, {word: rows for word, rows in unknown.items() if len(word) <= LONGEST_WORD}
