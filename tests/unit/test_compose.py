"""docker-compose.yml starts what exists: every command parses, every variable is explained, settings agree."""

import re
from importlib.util import find_spec

import pytest
import yaml

from market_regulation import settings
from market_regulation.commands.__main__ import COMMANDS
from market_regulation.embedded.airflow import SETTINGS

ROOT = settings.project_root()
TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(TEXT)["services"]
OURS = {name: service["command"] for name, service in SERVICES.items() if "build" in service}


def test_the_services_of_a_celery_deployment_are_there() -> None:
    """The list of the design: database, broker, every Airflow component, init, and the sandbox under its profile."""
    assert set(SERVICES) == {
        "postgres",
        "redis",
        "init",
        "api-server",
        "scheduler",
        "dag-processor",
        "triggerer",
        "worker",
        "sandbox",
    }
    assert SERVICES["sandbox"]["profiles"] == ["sandbox"]


@pytest.mark.parametrize("name", sorted(n for n, command in OURS.items() if command[0] == "airflow"))
def test_airflow_understands_the_command_of(name: str) -> None:
    """Airflow's own parser accepts each service's command line."""
    from airflow.cli.cli_parser import get_parser

    assert callable(get_parser().parse_args(OURS[name][1:]).func)


@pytest.mark.parametrize("name", sorted(n for n, command in OURS.items() if command[0] == "python"))
def test_the_module_exists_that_is_run_by(name: str) -> None:
    """A service run with ``python -m`` names a module there is, and a command it knows."""
    _, _, module, *arguments = OURS[name]
    assert find_spec(module) is not None
    assert set(arguments) <= set(COMMANDS)


def test_every_variable_is_explained_in_the_example() -> None:
    """Whoever copies .env.example has every variable without a default."""
    required = set(re.findall(r"\$\{([A-Z_]+):\?", TEXT))
    explained = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert required <= explained


def test_patience_is_the_same_as_in_the_embedded_mode() -> None:
    """Heartbeats and retries are one decision; two deployments must not disagree on it."""
    environment = SERVICES["scheduler"]["environment"]
    for section, option in (
        ("scheduler", "task_queued_timeout"),
        ("scheduler", "task_instance_heartbeat_timeout"),
        ("workers", "max_failed_heartbeats"),
        ("workers", "execution_api_retries"),
    ):
        assert environment[f"AIRFLOW__{section}__{option}".upper()] == SETTINGS[section][option]
