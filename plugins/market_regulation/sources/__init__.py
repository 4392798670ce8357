"""Sources: contracts of what is delivered, and the ways to fetch it."""
