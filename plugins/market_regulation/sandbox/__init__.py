"""Sandbox: source systems, a receiving credit system and an officer, played for demo, tests and receivers' kit.

It lives in the package and not under ``tests/`` because ``make demo``, the compose profile ``sandbox`` and the kit
for builders of receiving systems run it; a production installation imports nothing from it (import-linter holds
that). What it plants, it knows the answer to: the answer key is written from how a case was planted and never from
the platform's rules or SQL.
"""
