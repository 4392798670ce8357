"""What became of one delivery, in one readable line."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DeliveryResult:
    """The verdict on one delivery; received = accepted + quarantined + duplicate + blocked.

    Attributes:
        top_reasons: The most frequent broken rules, the gravest first: severity, rule id, reason (Chinese), rows.
        verdict: ``loaded`` or ``blocked``.
        problems: Why it is blocked, one sentence each.
        warnings: What is unusual and stops nothing.
        resolved: Rows rejected earlier that this delivery put right.
        data_docs: Where the validation can be looked at.
    """

    delivery_id: int
    source: str
    uri: str
    received: int
    accepted: int
    quarantined: int
    duplicate: int
    blocked: int
    verdict: str
    top_reasons: tuple[tuple[str, str, str, int], ...] = ()
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    resolved: int = 0
    data_docs: str = ""

    def line(self) -> str:
        """Return the counts, the main reasons and where to look."""
        counts = (
            f"{self.source} delivery {self.delivery_id} ({self.uri}): {self.verdict}, received {self.received} ="
            f" accepted {self.accepted} + quarantined {self.quarantined} + duplicate {self.duplicate}"
            f" + blocked {self.blocked}"
        )
        reasons = "; ".join(f"{severity} {rule} {reason} ×{rows}" for severity, rule, reason, rows in self.top_reasons)
        parts = [
            counts,
            f"resolved {self.resolved} earlier rows" if self.resolved else "",
            f"reasons: {reasons}" if reasons else "",
            f"blocked because: {'; '.join(self.problems)}" if self.problems else "",
            f"warnings: {'; '.join(self.warnings)}" if self.warnings else "",
            f"rows: quality.quarantine, delivery_id {self.delivery_id}" if self.quarantined else "",
            f"Data Docs: {self.data_docs}" if self.data_docs else "",
        ]
        return " | ".join(part for part in parts if part)
