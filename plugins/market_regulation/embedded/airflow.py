"""Airflow 3.3 under ``<home>/airflow``: its settings as environment variables, its users, keys and processes.

Every component and every task gets the same environment. A variable that the caller has set wins, except for those
that say where this installation lies.
"""

import base64
import os
import secrets
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from market_regulation import settings
from market_regulation.embedded.ports import LOOPBACK, free_port, is_taken
from market_regulation.embedded.private_file import read_json, write_private, write_private_json
from market_regulation.embedded.roles import ADDRESSES

USERS = {"admin": "admin", "maker": "op", "checker": "user"}  # name -> role of the simple auth manager

# Why these values: fewer workers than cores would like, but each forks the scheduler (parallelism); a task starts
# within a tenth of a second of its predecessor's end (idle sleep, worker heartbeat); an api-server outage of a minute
# kills no task, and the scheduler never starts a second copy while the first still waits (heartbeats and retries);
# tasks of a killed scheduler run again within 90 s, and one that is merely slow does not take itself for dead.
SETTINGS = {
    "core": {
        "executor": "LocalExecutor",
        "parallelism": "4",
        "load_examples": "False",
        "dags_are_paused_at_creation": "False",
        "default_timezone": settings.TIME_ZONE,
        "hostname_callable": "socket.gethostname",
        "simple_auth_manager_users": ",".join(f"{name}:{role}" for name, role in USERS.items()),
        "simple_auth_manager_all_admins": "False",
        "min_serialized_dag_update_interval": "5",
    },
    "scheduler": {
        "scheduler_idle_sleep_time": "0.1",
        "task_queued_timeout": "21600",
        "task_instance_heartbeat_timeout": "600",
        "scheduler_health_check_threshold": "60",
        "orphaned_tasks_check_interval": "30",
    },
    "workers": {"min_heartbeat_interval": "1", "max_failed_heartbeats": "6", "execution_api_retries": "7"},
    "dag_processor": {
        "refresh_interval": "5",
        "bundle_refresh_check_interval": "1",
        "min_file_process_interval": "15",
    },
    "api": {"host": LOOPBACK, "workers": "1", "expose_config": "False"},
    "logging": {"colored_console_log": "False"},
    "cosmos": {"enable_telemetry": "False"},
    "openlineage": {"namespace": "market-regulation", "disable_source_code": "True"},
}
SILENT = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "true",
}


def folder() -> Path:
    """Return Airflow's home."""
    return settings.home() / "airflow"


def passwords_file() -> Path:
    """Return the file (0600) with the users' passwords, the one the simple auth manager reads."""
    return folder() / "passwords.json"


def base_url() -> str:
    """Return the address of the UI and the REST API.

    Raises:
        FileNotFoundError: Airflow was never started here.
    """
    return f"http://{LOOPBACK}:{(folder() / 'port').read_text()}"


def prepare() -> None:
    """Make passwords and keys once, and choose a port: the last one unless somebody else took it meanwhile."""
    passwords = read_json(passwords_file())
    if missing := set(USERS) - set(passwords):
        write_private_json(passwords_file(), passwords | {name: secrets.token_urlsafe(16) for name in missing})
    if not _keys_file().exists():
        keys = {"jwt": secrets.token_urlsafe(48), "api": secrets.token_urlsafe(32)}
        fernet = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        write_private_json(_keys_file(), keys | {"fernet": fernet})
    port = folder() / "port"
    if not port.exists() or is_taken(int(port.read_text())):
        write_private(port, str(free_port()))


def environment() -> dict[str, str]:
    """Return the environment of every component: the caller's, completed by Airflow's and the databases' settings.

    Raises:
        SettingMissingError: A database has no address.
    """
    root = settings.project_root()
    chosen = {f"AIRFLOW__{s}__{o}".upper(): value for s, options in SETTINGS.items() for o, value in options.items()}
    chosen |= {
        "AIRFLOW__CORE__DAGS_FOLDER": str(root / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(root / "plugins"),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(settings.home() / "logs" / "airflow"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(settings.home() / "logs" / "dag_processor"),
    }
    return SILENT | chosen | dict(os.environ) | _place(root) | _keys() | _databases()


def components() -> dict[str, list[str]]:
    """Return name and command line of every process of the embedded platform beside PostgreSQL."""
    airflow = [sys.executable, "-m", "airflow"]
    return {
        "api-server": [*airflow, "api-server"],
        "scheduler": [sys.executable, "-m", "market_regulation.embedded.scheduler", "--skip-serve-logs"],
        "dag-processor": [*airflow, "dag-processor"],
        "triggerer": [*airflow, "triggerer", "--skip-serve-logs"],
        "sandbox": [sys.executable, "-m", "market_regulation.sandbox.services"],
    }


def _place(root: Path) -> dict[str, str]:
    """Variables that no caller may override: they say which installation this is."""
    paths = [str(root / "plugins"), os.environ.get("PYTHONPATH", "")]
    return {
        "AIRFLOW_HOME": str(folder()),
        "AIRFLOW__API__BASE_URL": base_url(),
        "AIRFLOW__API__PORT": (folder() / "port").read_text(),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{base_url()}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file()),
        "MARKET_REGULATION_HOME": str(settings.home()),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "NO_PROXY": ",".join(filter(None, [LOOPBACK, "localhost", os.environ.get("NO_PROXY", "")])),
    }


def _keys_file() -> Path:
    return folder() / "keys.json"


def _keys() -> dict[str, str]:
    keys = read_json(_keys_file())
    return {
        "AIRFLOW__API_AUTH__JWT_SECRET": keys["jwt"],
        "AIRFLOW__API__SECRET_KEY": keys["api"],
        "AIRFLOW__CORE__FERNET_KEY": keys["fernet"],
    }


def _databases() -> dict[str, str]:
    """Addresses of every role, and those of Airflow's metadata and of dbt in their own forms."""
    uris = {address: settings.dsn(*address) for address in ADDRESSES}
    return {f"{database}_{role}_URI".upper(): uri for (database, role), uri in uris.items()} | {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": uris["airflow", "owner"].replace(
            "postgresql:", "postgresql+psycopg2:", 1
        ),
        **dbt_address(),
    }


def dbt_address() -> dict[str, str]:
    """Return the variables by which ``profiles.yml`` finds the warehouse, as the role that builds it."""
    uri = urlsplit(settings.dsn("warehouse", "transformer"))
    return {
        "DBT_HOST": uri.hostname or "",
        "DBT_PORT": str(uri.port or 5432),
        "DBT_USER": unquote(uri.username or ""),
        "DBT_PASSWORD": unquote(uri.password or ""),
        "DBT_DBNAME": uri.path.removeprefix("/"),
    }
