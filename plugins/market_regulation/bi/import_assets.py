"""Bring Superset's metadata to the state of the repository; runs in Superset's own environment.

Prepares its tables, roles and the user ``admin``, then overwrites the databases, datasets, charts and dashboards that
``assets/`` names by their UUIDs. What users made themselves has other UUIDs and stays.
"""

import os
from pathlib import Path

from superset.app import create_app

ASSETS = Path(__file__).with_name("assets")


def main() -> None:
    """Migrate, create the user, import everything in one transaction.

    Raises:
        CommandInvalidError: A file of ``assets/`` is not of Superset's format.
        KeyError: ``SUPERSET_ADMIN_PASSWORD`` is not set.
    """
    app = create_app()
    with app.app_context():
        _prepare(os.environ["SUPERSET_ADMIN_PASSWORD"])
        _import()


def _prepare(password: str) -> None:
    from flask_migrate import upgrade
    from superset.extensions import appbuilder, security_manager

    upgrade()
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    if not security_manager.find_user("admin"):
        admin = security_manager.find_role("Admin")
        security_manager.add_user("admin", "平台", "管理员", "admin@localhost", admin, password=password)


def _import() -> None:
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.extensions import security_manager
    from superset.utils.core import override_user

    contents = {str(file.relative_to(ASSETS)): file.read_text(encoding="utf-8") for file in ASSETS.rglob("*.yaml")}
    with override_user(security_manager.find_user("admin")):
        ImportAssetsCommand(contents).run()


if __name__ == "__main__":
    main()
