"""Removal of old logs and dbt artifacts."""

import logging
import time

from market_regulation import settings

KEEP_DAYS = 180  # 网络安全法 art. 21 (3): network logs are kept for at least six months

log = logging.getLogger(__name__)


def remove_old() -> int:
    """Remove files below ``<home>/logs`` and ``<home>/dbt`` unchanged for 180 days; return how many."""
    oldest = time.time() - KEEP_DAYS * 86_400
    removed = 0
    for folder in (settings.home() / "logs", settings.home() / "dbt"):
        for path in sorted(folder.rglob("*"), reverse=True):  # what is inside a folder comes before the folder
            if path.is_dir() and not path.is_symlink():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path.lstat().st_mtime < oldest and path.name != "built":
                path.unlink()
                removed += 1
    log.info("%d files older than %d days removed", removed, KEEP_DAYS)
    return removed
