"""Dashboards as code: Superset's settings, its locked requirements, and what it shows (``assets/``).

Superset has an environment of its own, so this package imports nothing of the platform but its settings, and only
``import_assets.py`` and ``superset_config.py``, which run there, import Superset.
"""
