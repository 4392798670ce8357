"""Superset's settings; read in Superset's own environment, where ``PYTHONPATH`` holds this folder and the plugins.

Its metadata (users, their own dashboards) lie in one SQLite file: a dashboard server for a team on one machine needs
no more, and the server that holds the ledger gets no further role or database. ``SUPERSET_METADATA_URI`` names another
one.
"""

import os
from typing import Any

from sqlalchemy.engine import URL, make_url

from market_regulation import settings
from market_regulation.embedded.private_file import read_json

_folder = settings.home() / "bi"

SECRET_KEY = read_json(_folder / "keys.json")["secret"]
SQLALCHEMY_DATABASE_URI = os.environ.get(
    "SUPERSET_METADATA_URI", f"sqlite:///{_folder / 'superset.db'}?check_same_thread=false&timeout=30"
)
LANGUAGES = {"zh": {"flag": "cn", "name": "简体中文"}, "en": {"flag": "us", "name": "English"}}
BABEL_DEFAULT_LOCALE = "zh"
ROW_LIMIT = 10_000
FAB_ADD_SECURITY_API = True
# Nothing leaves the machine: the browser may load from this server alone. Superset's pages ask for a telemetry pixel,
# fonts and maps of other hosts; the names of those hosts are left out here.
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}


def _as_bi_reader(
    uri: URL, params: dict[str, Any], _username: str, _security_manager: object, _source: object
) -> tuple[URL, dict[str, Any]]:
    """Give every connection to the warehouse the address of ``bi_reader`` that holds at that moment.

    So Superset stores no password, and a server that moved to another port is found again.
    """
    if uri.host != "warehouse":
        return uri, params
    known = make_url(settings.dsn("warehouse", "bi_reader"))
    return known.set(drivername="postgresql+psycopg2"), params


DB_CONNECTION_MUTATOR = _as_bi_reader
