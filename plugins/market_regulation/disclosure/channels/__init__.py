"""How batches reach a receiver and its answers come back: one module per transport, all under one contract."""
