"""What a submitter may do about a rejected row: the rules' advice, and the likely value where one is safe to name.

Nothing here is ever applied by the platform: look-alikes, units and dates are put right by who knows the document.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from market_regulation.identifiers import is_uscc
from market_regulation.quality.evaluation import CONFLICT, UNREADABLE
from market_regulation.quality.suite import InSet, MatchRegex, PairGreater, Rule, RuleColumn, Suite
from market_regulation.sources.contract import Source
from market_regulation.sources.profile import Profile

LOOK_ALIKES = {"O": "0", "I": "1", "Z": "2", "S": "5"}  # letters that GB 32100 does not use
_WRITTEN = {
    "YYYY-MM-DD": "{0}-{1}-{2}",
    "YYYY/MM/DD": "{0}/{1}/{2}",
    "YYYY.MM.DD": "{0}.{1}.{2}",
    "YYYY年MM月DD日": "{0}年{1}月{2}日",
    "YYYYMMDD": "{0}{1}{2}",
    "DD-MM-YYYY": "{2}-{1}-{0}",
}

Record = Mapping[str, str | None]


def clean(text: str) -> str:
    """Return a text in half width and upper case, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def uscc_meant(text: str) -> str | None:
    """Return the one valid 统一社会信用代码 that differs from ``text`` in one look-alike letter; None when unsure."""
    code = clean(text)
    tries = (code[:i] + LOOK_ALIKES[c] + code[i + 1 :] for i, c in enumerate(code) if c in LOOK_ALIKES)
    found = [one for one in tries if is_uscc(one)]
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True)
class Advisor:
    """Advice for the rows of one delivery.

    Attributes:
        source: The contract.
        suite: Its rules as they are now.
        profile: How the submitter writes; None when the contract has lost it.
    """

    source: Source
    suite: Suite
    profile: Profile | None

    def date_texts(self, rule_ids: Collection[str], record: Record) -> Iterator[str]:
        """Yield the texts that broken rules speak of as dates, for the caller to try other formats on."""
        for rule in self._broken(rule_ids):
            if isinstance(rule, RuleColumn):
                yield from (text for _, text in self._texts(rule, record, "date"))

    def advise(self, rule_ids: Collection[str], record: Record, dates: Mapping[str, str]) -> list[str]:
        """Return what to do about one row, one line for each broken rule that has something to say.

        Args:
            rule_ids: The rules it broke.
            record: Its cells as received, by contract column.
            dates: The only date (ISO) that a text of ``date_texts`` can be, where there is just one.
        """
        lines = [f"{meta.rule_id} {meta.advice}" for meta in (UNREADABLE, CONFLICT) if meta.rule_id in rule_ids]
        for rule in self._broken(rule_ids):
            hints = list(dict.fromkeys(self._hints(rule, record, dates)))
            advice = "；".join(filter(None, [rule.meta.advice, *hints]))
            if advice:
                lines.append(f"{rule.meta.rule_id} {advice}")
        return lines

    def _broken(self, rule_ids: Collection[str]) -> list[Rule]:
        return [rule for rule in self.suite.expectations if rule.meta.rule_id in rule_ids]

    def _hints(self, rule: Rule, record: Record, dates: Mapping[str, str]) -> Iterator[str]:
        if isinstance(rule, InSet):
            yield from self._word_meant(rule, record.get(rule.column))
        elif isinstance(rule, MatchRegex):
            text = record.get(rule.column)
            if text and clean(text) != text and re.search(rule.regex, clean(text)):
                yield _likely(text, clean(text))
        elif isinstance(rule, RuleColumn):
            if "is_uscc" in rule.passes:
                meant = ((text, uscc_meant(text)) for _, text in self._texts(rule, record, "code"))
                yield from (f"{_likely(text, code)}，请对照证照核对" for text, code in meant if code)
            if _tells_type(rule, "date"):
                texts = (text for _, text in self._texts(rule, record, "date"))
                yield from (_likely(text, self._as_written(dates[text])) for text in texts if text in dates)
        if isinstance(rule, PairGreater) or (isinstance(rule, RuleColumn) and not _tells_type(rule, "amount")):
            for name, text in self._texts(rule, record, "amount"):
                unit = (self.profile.units.get(name) if self.profile else None) or "元"
                read = "" if text.rstrip().endswith("元") else f"，未注明单位时按{unit}读取"
                yield f"“{text}”{read}，请核对是否混淆了元与万元"

    def _word_meant(self, rule: InSet, text: str | None) -> Iterator[str]:
        """Yield the listed word, as this submitter writes it, that differs only in width, case or blanks."""
        if not text:
            return
        lookups = self.profile.lookups.get(rule.column, {}) if self.profile else {}
        words = {word: ours for word, ours in lookups.items() if ours in rule.value_set}
        words |= {word: word for word in rule.value_set if word not in words.values()}
        fitting = {ours: word for word, ours in words.items() if clean(word) == clean(text)}
        if len(fitting) == 1:
            yield _likely(text, next(iter(fitting.values())))

    def _texts(self, rule: RuleColumn | PairGreater, record: Record, kind: str) -> Iterator[tuple[str, str]]:
        """Yield name and text of the columns of a type that a rule speaks of, helper columns included."""
        spoken = rule.passes if isinstance(rule, RuleColumn) else f"{rule.column_A} {rule.column_B}"
        words = set(re.findall("[a-z][a-z0-9_]*", spoken))
        for name, column in self.source.columns.items():
            if column.type == kind and words & {name, f"{name}_{kind}"} and (text := record.get(name)):
                yield name, text

    def _as_written(self, day: str) -> str:
        known = [form for form in self.profile.dates if form in _WRITTEN] if self.profile else []
        return _WRITTEN[known[0] if known else "YYYY-MM-DD"].format(*day.split("-"))


def _tells_type(rule: RuleColumn, kind: str) -> bool:
    """Tell whether the rule asks that a text be a date, or an amount."""
    return bool(re.search(rf"is_{kind}\(|was_read\(\w+, \w+_{kind}\)", rule.passes))


def _likely(received: str, meant: str) -> str:
    return f"“{received}”疑为“{meant}”"
