"""From what the marts say must be public to proof that it is: plan, deliver, receipts, reconcile, reviews."""
