# Two commands for a new user: `make demo` and `make test`. They need Python 3.11 or newer and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
UV ?= uv

.DEFAULT_GOAL := help
.PHONY: help demo test check lint format types schemas kafka-up kafka-down cluster-up cluster-down lock clean

help:
	@echo "make demo        install into .venv and show the main job (under three minutes, ends by itself)"
	@echo "make test        install into .venv and run the whole test suite"
	@echo "make check       ruff, mypy, generated files, tests: what CI runs"
	@echo "make kafka-up    start Apache Kafka from Maven Central artefacts (needs java 17 and mvn)"
	@echo "make kafka-down  stop it"
	@echo "make cluster-up  the same with three brokers; deploy/kafka/cluster.py kills, pauses and starts each"
	@echo "make cluster-down"
	@echo "make schemas     write schemas/ and docs/events.md again from the models"
	@echo "make lock        resolve requirements/*.lock again (needs uv)"

demo: $(VENV)/.runtime
	@exec $(BIN)/signals demo

test: $(VENV)/.dev
	@exec $(BIN)/python -m pytest

check: lint types
	$(BIN)/signals schemas check
	$(BIN)/python -m pytest

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(VENV)/.dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(VENV)/.dev
	$(BIN)/mypy

schemas: $(VENV)/.runtime
	$(BIN)/signals schemas write

kafka-up:
	@deploy/kafka/up.sh

kafka-down:
	@deploy/kafka/down.sh

cluster-up:
	@$(PYTHON) deploy/kafka/cluster.py up

cluster-down:
	@$(PYTHON) deploy/kafka/cluster.py down

lock:
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		pyproject.toml --group dev -o requirements/dev.lock
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		-c requirements/dev.lock pyproject.toml requirements/build.in -o requirements/runtime.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis var

# A stamp file per lock: the second call of any target installs nothing.
$(VENV)/.python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; \
		sys.exit(0 if (3, 11) <= v < (3, 14) else "signals needs Python 3.11, 3.12 or 3.13, %s is %d.%d; try: make PYTHON=python3.11 $(MAKECMDGOALS)" % (sys.executable, *v))'
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { echo "python3 -m venv failed; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.runtime: requirements/runtime.lock pyproject.toml | $(VENV)/.python
	@echo "Installing what signals needs to run (requirements/runtime.lock, checked against its hashes)"
	@$(PIP) install --quiet --progress-bar on --require-hashes -r requirements/runtime.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.runtime
	@echo "Installing what the tests need (requirements/dev.lock, checked against its hashes)"
	@$(PIP) install --quiet --progress-bar on --require-hashes -r requirements/dev.lock
	@touch $@
