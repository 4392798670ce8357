"""Parsers of files that nobody vouches for: each runs as a process of its own under limits.

They import nothing else of the platform, so that one starts in a fraction of a second and holds no secret.
"""
