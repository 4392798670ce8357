"""Quality: how a landed text is read, which rows are rejected and why, whether a delivery passes the gate."""
