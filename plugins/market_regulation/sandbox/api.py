"""HTTP source system of the spot checks: hands out the samples of a business day in numbered pages.

``GET /spot-checks?business_day=2026-03-16&page=1&page_size=200`` with ``Authorization: Bearer <token>`` answers
``{"announced": 151, "page": 1, "pages": 1, "data": [...]}``.
"""

import datetime as dt
import json
import os
import secrets
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from market_regulation import settings
from market_regulation.embedded.private_file import write_private
from market_regulation.sandbox.context import folder

app = FastAPI(title="市场监管总局产品质量监督抽查（沙箱）", version="1")


def token() -> str:
    """Bearer token of the API: ``$SAMR_API_TOKEN``, else ``<home>/sandbox/token`` (0600), made when first needed."""
    if given := os.environ.get("SAMR_API_TOKEN"):
        return given
    path = settings.home() / "sandbox" / "token"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32) + "\n")
    return path.read_text(encoding="ascii").strip()


def samples_file(day: dt.date) -> Path:
    """File with the samples of ``day``, one JSON object per line."""
    return folder(day) / "spot_checks.jsonl"


def _authorised(sent: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> None:
    if not secrets.compare_digest(sent.credentials.encode(), token().encode()):
        raise HTTPException(401, "unknown token")


@app.get("/spot-checks", dependencies=[Depends(_authorised)])
def spot_checks(
    business_day: dt.date,
    page: Annotated[int, Query(ge=1)] = 1,
    page_size: Annotated[int, Query(ge=1, le=10_000)] = 200,
) -> dict[str, Any]:
    """Samples reported for ``business_day``; a day without samples announces 0 and has no page with data."""
    path = samples_file(business_day)
    if not path.exists():
        return {"announced": 0, "page": page, "pages": 0, "data": []}
    with path.open("rb") as lines:
        announced = sum(1 for _ in lines)
        lines.seek(0)
        data = [json.loads(line) for line in islice(lines, (page - 1) * page_size, page * page_size)]
    return {"announced": announced, "page": page, "pages": -(-announced // page_size), "data": data}
