# Every target builds on `make setup`. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-whole lint bench matrix screenshots coverage format messages lock clean
.DELETE_ON_ERROR:

VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/installer/bin/uv
STAMPS := $(VENV)/stamps
BABEL := $(PY) -m babel.messages.frontend --quiet
PORT ?= 8000
ARGS ?=
PYTHON ?= $(firstword $(foreach name,python3 python3.11 python3.12 python3.13 python3.14,$(if $(shell command -v $(name) >/dev/null && $(name) -c 'import sys; print("yes" if sys.version_info >= (3, 11) else "")' 2>/dev/null),$(name))))
# a bank's network has authorities of its own: believe those that this machine believes
export UV_SYSTEM_CERTS ?= 1
# processes are started by the dozen: what one has compiled, the next one reads
unexport PYTHONDONTWRITEBYTECODE
LOCK := --generate-hashes --universal --python-version 3.11 --no-header --no-annotate --quiet

help: ## Show what can be made.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMPS)/packages $(STAMPS)/styles $(STAMPS)/messages ## Make the environment: Python and front-end packages, catalogues.

demo: setup $(STAMPS)/static ## Start the demo on 127.0.0.1:8000 (PORT=8001 makes it another port).
	@LOANFLOW_MODE=demo PORT=$(PORT) $(PY) -m loanflow.serve

test: setup ## Run the whole suite on SQLite and on PostgreSQL (ARGS="tests/core -x" narrows it).
	@$(PY) -m tests.run $(ARGS)

test-whole: setup ## Run the whole suite, with every test that opens a database on both of them.
	@LOANFLOW_TEST_WHOLE=1 $(PY) -m tests.run $(ARGS)

lint: setup ## Check style, types, templates, import order and migrations.
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy
	$(VENV)/bin/bandit --quiet --severity-level high --configfile pyproject.toml --recursive apps loanflow
	$(if $(wildcard templates/*),$(VENV)/bin/djlint templates --lint --quiet)
	$(PY) manage.py makemigrations --check --dry-run --skip-checks

bench: setup ## Measure what benchmarks/ holds.
	@for file in benchmarks/*.py; do [ -e "$$file" ] || continue; echo "== $$file"; $(PY) "$$file" $(ARGS) || exit 1; done

matrix: setup ## Walk who reaches what and write the table (new addresses; ARGS=all walks everything, for minutes).
	@LOANFLOW_PUBLISH=$(or $(ARGS),new) $(PY) -m pytest -q -n 0 tests/walks/test_reaching.py -k walked_and_written

screenshots: setup ## Photograph every page in four variants into var/screenshots (ARGS="approval:sign" narrows it).
	@$(PY) -m tests.walks.screenshots $(ARGS)

coverage: setup ## Run the suite on SQLite with branch coverage.
	@$(PY) -m pytest -n 2 --cov --cov-report=term-missing:skip-covered $(ARGS)

format: setup ## Rewrite the code in the house's format.
	$(VENV)/bin/ruff check --fix-only --quiet .
	$(VENV)/bin/ruff format --quiet .

messages: setup ## Gather the words of pages and code into locale/.
	$(PY) -m loanflow.messages

lock: $(UV) ## Lock the newest allowed versions of all packages.
	$(UV) pip compile $(LOCK) --upgrade requirements/runtime.in -o requirements.txt
	cd requirements && for set in dev kms node uv; do ../$(UV) pip compile $(LOCK) --upgrade $$set.in -o $$set.txt || exit 1; done
	npm install --package-lock-only --ignore-scripts

clean: ## Remove what set-up made (the data in var/ stay).
	rm -rf $(VENV) node_modules staticfiles

$(UV): requirements/uv.txt
	@[ -n "$(PYTHON)" ] || { echo "LoanFlow needs Python 3.11 or newer: install it, or name it with make PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "$(PYTHON) is not a Python 3.11 or newer: name one with make PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)/installer >/dev/null || { echo "This Python cannot make environments: install its venv package (Debian: python3-venv)." >&2; exit 1; }
	@$(VENV)/installer/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(STAMPS)/packages: requirements.txt requirements/dev.txt | $(UV)
	@[ -x $(PY) ] || $(UV) venv --quiet --allow-existing --python $(VENV)/installer/bin/python $(VENV)
	@$(UV) pip sync --quiet --python $(PY) --require-hashes requirements.txt requirements/dev.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/frontend: package.json package-lock.json | $(UV)
	@if command -v npm >/dev/null; then npm ci --ignore-scripts --no-progress --loglevel=error; else \
	$(UV) pip install --quiet --python $(VENV)/installer/bin/python --require-hashes -r requirements/node.txt && \
	PATH="$(CURDIR)/$(VENV)/installer/bin:$$PATH" npm ci --ignore-scripts --no-progress --loglevel=error; fi
	@mkdir -p $(STAMPS) && touch $@

# what the style sheet of the packages holds beyond the pages' own classes costs every page
$(STAMPS)/styles: purgecss.config.cjs $(shell find templates static/js apps -name '*.html' -o -name '*.js' -o -name '*.py' 2>/dev/null) $(STAMPS)/frontend
	@PATH="$$PATH:$(CURDIR)/$(VENV)/installer/bin" node node_modules/purgecss/bin/purgecss.js --config purgecss.config.cjs
	@touch $@

$(STAMPS)/messages: $(wildcard locale/*/LC_MESSAGES/*.po) | $(STAMPS)/packages
	@for file in $^; do $(BABEL) compile -i "$$file" -o "$${file%.po}.mo" || exit 1; done
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/static: $(shell find static loanflow/frontend.py -type f 2>/dev/null) $(STAMPS)/packages $(STAMPS)/styles
	@LOANFLOW_MODE=demo $(PY) manage.py collectstatic --noinput --verbosity 0 --skip-checks
	@mkdir -p $(STAMPS) && touch $@
