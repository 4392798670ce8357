# What a person does with the platform; `make help` lists it. Everything made lies in .venv/ and .local/.
.DEFAULT_GOAL := help
export PYTHONPATH := $(CURDIR)/plugins

# The first Python from 3.11 to 3.13; `make PYTHON=/path/to/python …` says which one to take.
find_python = for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo "$$python" && exit; done
PYTHON ?= $(shell $(find_python))
BIN := .venv/bin
RUN := $(BIN)/python -m market_regulation.commands

DB ?= warehouse
WORKERS ?= 2
ROLE ?= owner
date = $(if $(DATE),--date "$(DATE)")
run_options = $(date) $(if $(filter-out 0,$(FOLLOW)),--follow)

# dbt only parses here, no database is asked.
DBT_OFFLINE = DBT_HOST=offline DBT_PORT=5432 DBT_USER=offline DBT_PASSWORD=offline DBT_DBNAME=offline \
	DBT_SEND_ANONYMOUS_USAGE_STATS=false

.PHONY: help setup demo test lint up down day profile ingest quarantine build disclose verify-ledger scenarios bench chaos bi test-bi dbt dsn psql clean
demo test lint up down day profile ingest quarantine build disclose verify-ledger bench chaos bi test-bi dbt dsn psql: setup

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 15

setup: ## create .venv and install the locked packages
	@test -n "$(PYTHON)" || { echo "No Python 3.11 to 3.13 found; say make PYTHON=/path/to/python" >&2; exit 2; }
	@"$(PYTHON)" plugins/market_regulation/commands/install.py

demo: ## one day of sample data through everything, compared with the right answer (DATE= SEED= SCALE= DEMO_STOP=1)
	@$(RUN) demo $(date) $(if $(SEED),--seed "$(SEED)") $(if $(SCALE),--scale "$(SCALE)") \
		$(if $(filter-out 0,$(DEMO_STOP)),--stop)

test: ## every test, two workers (WORKERS=1 for one)
	@$(BIN)/python -m pytest -m "not bench and not chaos and not bi" -n $(WORKERS) --dist loadfile

lint: ## every static check
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m yamllint .
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml
	@$(BIN)/python -m sqlfluff lint dbt_project/models
	@$(DBT_OFFLINE) $(BIN)/dbt --quiet parse --project-dir dbt_project --profiles-dir dbt_project
	@$(BIN)/dbt-bouncer --config-file dbt_project/dbt-bouncer.yml

up: ## keep the platform running in the background
	@$(RUN) up

down: ## stop it
	@$(RUN) down

day: ## set the business day (DATE=YYYY-MM-DD, default today in Asia/Shanghai)
	@$(RUN) day $(date)

profile: ## inspect an unknown file and draft its profile (FILE= [SOURCE=] [NAME=] [SHEET=] [MEMBER=])
	@$(RUN) profile --file "$(FILE)" $(if $(SOURCE),--source "$(SOURCE)") $(if $(NAME),--name "$(NAME)") \
		$(if $(SHEET),--sheet "$(SHEET)") $(if $(MEMBER),--member "$(MEMBER)")

ingest: ## run one source (SOURCE= [FILE=] [RETRY=delivery_id] [DATE=] [FOLLOW=1])
	@$(RUN) ingest --source "$(SOURCE)" $(if $(FILE),--file "$(FILE)") $(if $(RETRY),--retry "$(RETRY)") $(run_options)

quarantine: ## what waits for its submitters, why and since when ([SOURCE=])
	@$(RUN) quarantine $(if $(SOURCE),--source "$(SOURCE)")

build: ## build the warehouse ([DATE=] [FOLLOW=1])
	@$(RUN) build $(run_options)

disclose: ## select, deliver, read receipts, reconcile ([DATE=] [FOLLOW=1])
	@$(RUN) disclose $(run_options)

verify-ledger: ## prove that the ledger of publications is as it was written
	@$(RUN) verify_ledger

scenarios: setup ## the cases written from the law, as one table (.local/scenarios.md and .html)
	@$(BIN)/python -m pytest tests/scenarios/test_scenarios.py; \
		code=$$?; echo "The table: .local/scenarios.md, .local/scenarios.html"; exit $$code

bench: ## the benchmarks
	@$(BIN)/python -m pytest -m bench tests/benchmarks

chaos: setup ## the long suites, two workers (WORKERS=1 for one)
	@$(BIN)/python -m pytest -m chaos -n $(WORKERS) --dist loadfile

bi: ## start Superset with the dashboards (make down stops it)
	@"$(PYTHON)" plugins/market_regulation/commands/install.py bi
	@$(RUN) bi

test-bi: ## every dashboard in a real Chromium, on a demo's warehouse (needs chromium and chromium-driver)
	@"$(PYTHON)" plugins/market_regulation/commands/install.py bi
	@$(BIN)/python -m pytest -m bi tests/bi

dbt: ## run dbt on the warehouse while no build runs (ARGS="build --full-refresh")
	@$(RUN) dbt $(ARGS)

dsn: ## print a connection URI (DB=warehouse|exchange|receiver|airflow ROLE=owner|bi_reader|bi_region_reader|steward|auditor|publisher)
	@$(RUN) dsn --db "$(DB)" --role "$(ROLE)"

psql: ## open a database in psql (DB= ROLE=)
	@$(RUN) psql --db "$(DB)" --role "$(ROLE)"

clean: ## stop the platform; remove .local/ and .venv/
	-@test ! -x $(BIN)/python || $(RUN) down
	@rm -rf .local .venv
	@echo "Removed .local and .venv."
