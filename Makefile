# The learner portal: one command for each thing a developer does. `make` alone lists them.

PYTHON  ?= python3
HOST    ?= 127.0.0.1
PORT    ?= 8000
WORKERS ?= auto

VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq
PORTAL := $(BIN)/portal-api
PYTEST := $(BIN)/python -m pytest
TEST   := $(PYTEST) -n $(WORKERS) --dist worksteal
ROLES  := OWNER ADMIN MANAGER TRAINER LEARNER INTEGRATION

# What was installed, and when: a second run has nothing to do.
RUNTIME   := $(VENV)/.runtime
DEVELOPER := $(VENV)/.developer
PROJECT   := $(VENV)/.project

# Two pips in one environment would trip over each other under `make -j`.
.NOTPARALLEL:
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

##@ Begin

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@printf '\nVariables: PYTHON=%s HOST=%s PORT=%s WORKERS=%s\n' '$(PYTHON)' '$(HOST)' '$(PORT)' '$(WORKERS)'

.PHONY: setup
setup: $(DEVELOPER) $(PROJECT) ## The developer's environment, in .venv

.PHONY: serve
serve: $(RUNTIME) $(PROJECT) ## Demo data, a token for each role, and the server (HOST=… PORT=…)
	@$(PORTAL) seed
	@echo
	@echo "A token for each role, to be sent as 'Authorization: Bearer TOKEN':"
	@for role in $(ROLES); do \
		said=$$($(PORTAL) token --role $$role) || exit 1; \
		printf '%-12s %s\n' "$$role" "$$(printf '%s\n' "$$said" | tail -n 1)"; \
	done
	@echo
	@exec $(PORTAL) serve --host $(HOST) --port $(PORT)

##@ Prove

.PHONY: test
test: setup ## The tests, on both engines (WORKERS=… ARGS="-k withdraw")
	$(TEST) $(ARGS)

.PHONY: check
check: setup ## All that CI runs: format, lint, types, layers, drift, tests, coverage
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright --warnings
	$(BIN)/lint-imports
	$(PORTAL) schema --check
	$(PORTAL) manifest --check
	$(PORTAL) tables --check
	$(BIN)/coverage erase
	$(TEST) --cov --cov-report= $(ARGS)
	$(BIN)/coverage report --fail-under=95
	$(BIN)/coverage report --include='portal_api/domain/*,portal_api/permissions/*' --fail-under=100

.PHONY: soak
soak: setup ## The long proofs, seeds and figures printed (ARGS="-k races")
	$(PYTEST) -m soak -s -ra $(ARGS)

.PHONY: bench
bench: setup ## The figures behind every claim of speed (ARGS=…)
	$(BIN)/python -m benchmarks $(ARGS)

.PHONY: growth
growth: setup ## How answers grow, from 10,000 learners to 1,000,000 in one organisation (30 GB; ARGS="--engine sqlite")
	$(BIN)/python -m benchmarks.growth $(ARGS)

##@ Change

.PHONY: fmt
fmt: setup ## Format, and mend what the linter can mend
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: manifest
manifest: setup ## Write operations/manifest.json, the trusted documents, from operations/
	$(PORTAL) manifest

.PHONY: schema
schema: setup ## Write schema.graphql from the code
	$(PORTAL) schema

.PHONY: tables
tables: setup ## Write docs/tables.md from the status tables
	$(PORTAL) tables

.PHONY: migration
migration: setup ## A migration for what changed in models/ (m="what changed")
	@test -n "$(m)" || { echo 'Say what changed: make migration m="series enrolments get a tracking code"' >&2; exit 2; }
	$(PORTAL) migrate up
	$(BIN)/alembic revision --autogenerate -m "$(m)" \
		--rev-id "$$(printf '%04d' $$(($$(ls alembic/versions/*.py 2>/dev/null | wc -l) + 1)))"

.PHONY: seed
seed: $(RUNTIME) $(PROJECT) ## Demo data, once (LEARNERS=10000 for a large organisation)
	$(PORTAL) seed $(if $(LEARNERS),--learners $(LEARNERS))

.PHONY: requirements
requirements: setup ## Renew both requirements files from pyproject.toml (ARGS=--upgrade for newer versions)
	$(COMPILE) --group build --output-file requirements.txt $(ARGS)
	$(COMPILE) --group dev --constraints requirements.txt --output-file requirements-dev.txt $(ARGS)

.PHONY: clean
clean: ## Remove the environment and the caches; the database stays
	rm -rf $(VENV) .pytest_cache .hypothesis .ruff_cache .import_linter_cache .coverage .coverage.* htmlcov build dist
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# No address of a package index may stand in the files: they come from whichever one the reader's pip is set to.
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header

# Some distributions ship Python without ensurepip: there, the pip outside brings the one inside.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { \
		$(PYTHON) -m venv --clear --without-pip $(VENV) \
		&& $(PYTHON) -m pip --python $@ --disable-pip-version-check -qq install pip; } \
		|| { rm -rf $(VENV); echo "$(PYTHON) can make no environment: it needs its venv module and pip" >&2; exit 1; }

$(RUNTIME): requirements.txt | $(BIN)/python
	@echo "Installing what running needs into $(VENV) …"
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

# A superset of the above, at the same versions: with it, `make serve` has nothing left to install.
$(DEVELOPER): requirements-dev.txt requirements.txt | $(BIN)/python
	@echo "Installing the developer's environment into $(VENV), about a minute …"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $(RUNTIME) $@

# The project itself, linked to this folder. Its build tools stand in both requirements files.
$(PROJECT): pyproject.toml | $(RUNTIME)
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
