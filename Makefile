# `make help` lists the targets. Everything runs in .venv, which each target sets up when it is missing.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help setup

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)

# Two stamps: the demo needs the client and its sandbox only, the rest needs the development tools as well.
$(VENV)/.sandbox: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "setting up $(VENV) (client and sandbox)"
	@$(PIP) --editable '.[sandbox]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "setting up $(VENV) (development tools)"
	@$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.sandbox

setup: $(VENV)/.dev ## create .venv with everything needed to work on the project
