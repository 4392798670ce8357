"""What should be public after any history of facts, said in a few lines that know nothing of versions and batches."""

from typing import Literal

Fact = Literal["due", "refused content", "revoked", "no longer due", "term ended", "objection", "stay"]
State = Literal["new", "tried", "shown", "hidden", "over"]

HOLDS = ("objection", "stay")  # hide the record until they are decided or lifted
ENDS = ("revoked", "no longer due", "term ended")  # hide it for good


class Model:
    """Facts as the marts tell them, and what each plan makes of them (domain.md 8.4, section 11 A11, A13).

    Attributes:
        facts: Newest fact and content of each record.
        states: What is done about it: ``tried`` had only content that the receiver refuses, ``hidden`` comes back.
    """

    def __init__(self) -> None:
        self.facts: dict[str, tuple[Fact, int]] = {}
        self.states: dict[str, State] = {}
        self.contents: dict[str, int] = {}
        self.closed: set[str] = set()

    def tell(self, key: str, fact: Fact, content: int = 0) -> None:
        """Let this be the newest fact of the record."""
        self.facts[key] = fact, content
        if fact == "term ended":
            self.closed.add(key)

    def plan(self, key: str) -> None:
        """Act upon the newest fact of the record."""
        (fact, content), state = self.facts[key], self.states.get(key, "new")
        if state == "over":
            return
        if fact == "due":
            self.states[key], self.contents[key] = "shown", content
        elif fact == "refused content" and state == "new":
            self.states[key] = "tried"
        elif fact in HOLDS and state in ("shown", "tried"):
            self.states[key] = "hidden"
        elif fact in ENDS and state == "shown":
            self.states[key] = "over"
        elif fact in ENDS and state != "new":
            # Whether it was withdrawn or only suspended depends on who had it already: it never comes back here.
            self.closed.add(key)

    def public(self) -> dict[str, int]:
        """Content of each record that is shown."""
        return {key: self.contents[key] for key, state in self.states.items() if state == "shown"}
