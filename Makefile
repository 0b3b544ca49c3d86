# One entrance for people, hooks and CI. Needs Python 3.11+, make and git; the rest goes into .venv.
# Another Python: make clean, then make PYTHON=python3.13 <target>.

PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,\
	$(if $(shell $(p) -c "import sys; print(sys.version_info >= (3, 11) or '')" 2>/dev/null),$(p))))
UV_VERSION := 0.13.9
UV := .venv/uv-$(UV_VERSION)/bin/uv
READY := .venv/.ready
BIN := .venv/bin
PYTEST_ARGS ?=
CHAOS_ARGS ?=
INFRA_ARGS ?=
BENCH_ARGS ?=
PROEF_ARGS ?=
TEMPORAL_VERSION := 1.5.1

# The environment is .venv and nothing else, whatever the caller has activated or prefers.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME UV_PYTHON UV_PROJECT_ENVIRONMENT
export UV_PYTHON_DOWNLOADS := never

# Trust what this machine trusts: behind an inspecting proxy the lists of uv and of Python's requests, which fetches
# the jars of Kafka, are not enough.
CERTS := $(firstword $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem))
ifneq ($(CERTS),)
export UV_SYSTEM_CERTS := true
export REQUESTS_CA_BUNDLE ?= $(CERTS)
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo organisaties start keten geheimen test check lint types imports contracts references lock members bench elders proef chaos chaos-ingebed fix clean \
	infra-start infra-stop infra-status infra-versnel infra-lock

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

install: $(READY) ## Install everything into .venv (every target does this by itself)

demo: $(READY) ## Run sixty-odd meldingen through all eight werkstromen, without broker or container
	@$(BIN)/schakel demo

organisaties: $(READY) ## Two organisations on this machine: what one hands over, the other does; a table of each
	@$(BIN)/schakel demo --organisaties

start: $(READY) ## Run everything in one process and keep it running
	@$(BIN)/schakel start alles

keten: $(READY) ## The six as compose.yaml says, each a process, on a real Kafka and PostgreSQL (STOP=1: end after the table)
	@$(BIN)/python -m deploy.lokaal.keten $(if $(STOP),--stop) $(KETEN_ARGS)

geheimen: $(READY) ## Make the secrets of compose.yaml, once
	@$(BIN)/python -m deploy.geheimen

# What a browser shows is tested with the browser that is there; without one those tests say that they were skipped.
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

test: $(READY) ## Run all tests (PYTEST_ARGS=... to choose)
	@$(UV) sync --locked --quiet --inexact --group bewijs --python $(BIN)/python || \
		echo "no pymerkle to be had: the test with it is skipped" >&2
	@$(if $(CHROMIUM),$(UV) sync --locked --quiet --inexact --group browser --python $(BIN)/python)
	@$(BIN)/pytest -n 2 --dist loadfile $(PYTEST_ARGS)

check: lint types imports contracts references lock members ## Lint, types, import rules, generated contracts, references, lock file, members

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy $(foreach d,$(wildcard contracts/src/schakel/* packages/*/src/schakel/* services/*/src/schakel/*),-p schakel.$(notdir $(d))) -p deploy

imports: $(READY)
	@$(BIN)/lint-imports --no-logo

contracts: $(READY)
	@$(BIN)/python -m schakel.contracts.genereer --controleer

references: $(READY)
	@$(BIN)/python -m tests.architectuur.verwijzingen

lock: $(READY)
	@$(UV) lock --check --quiet

# Whether every tool sees each of them, and each declares what it imports.
members: $(READY)
	@$(BIN)/pytest -q tests/architectuur/test_leden.py tests/architectuur/test_verklaard.py

infra-start: $(READY) ## Start a real Kafka and PostgreSQL, and let them run (INFRA_ARGS=--help)
	@$(BIN)/python -m deploy.lokaal start $(INFRA_ARGS)

infra-stop: $(READY) ## Stop them; their data in gegevens/infra stays
	@$(BIN)/python -m deploy.lokaal stop $(INFRA_ARGS)

infra-status: $(READY) ## Do they run, and where
	@$(BIN)/python -m deploy.lokaal status $(INFRA_ARGS) || true

infra-versnel: $(READY) ## Let Kafka start in half the time from now on, also in tests
	@$(BIN)/python -m deploy.lokaal versnel

infra-lock: $(READY) ## Resolve each jgo.toml into its lock file, after a change of version
	@for map in deploy/kafka tests/lokaal/kafka-3; do (cd $$map && $(CURDIR)/$(BIN)/jgo lock) || exit; done

# The peers stand in a group of their own; the server of one of them is built where Go is.
bench: $(READY) ## Measure speed: ours, the raw limit and the peers in one run (BENCH_ARGS=... to choose)
	@$(UV) sync --locked --quiet --group bench --python $(BIN)/python
	@test -x $(BIN)/temporal || ! command -v go > /dev/null || \
		{ echo "building the Temporal dev server with Go, once; some minutes" >&2; \
		GOBIN=$(CURDIR)/$(BIN) go install github.com/temporalio/cli/cmd/temporal@v$(TEMPORAL_VERSION) || true; }
	@$(BIN)/python -m tests.bench $(BENCH_ARGS)

elders: $(READY) ## The same results with another hash seed, time zone, locale and umask
	@$(BIN)/python -m tests.elders

proef: $(READY) ## Long trials, by name; stopped, they go on where they were (PROEF_ARGS=... to choose)
	@$(BIN)/python -m tests.proef $(PROEF_ARGS)

chaos: $(READY) ## 5,000 meldingen while services, broker and databases are killed; count what is left (CHAOS_ARGS=...)
	@$(BIN)/python -m tests.e2e.chaos $(CHAOS_ARGS)

chaos-ingebed: $(READY) ## Kill the embedded process 200 times and count what is left
	@$(BIN)/python -m tests.e2e.chaos.ingebed --kills 200

fix: $(READY) ## Mend what ruff can mend, and regenerate the contracts
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/python -m schakel.contracts.genereer

clean: ## Remove the environment and every cache; data in gegevens/ stays
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .grimp_cache .hypothesis dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv gets a small environment of its own below .venv, where a sync does not see it.
$(UV):
	@test -n "$(PYTHON)" || { echo "schakel needs Python 3.11 or newer: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@"$(PYTHON)" -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
		{ echo "schakel needs Python 3.11 or newer; $(PYTHON) is not: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv --without-pip .venv
	@$(BIN)/python -m venv $(dir $(@D)) || \
		{ echo "this Python has no pip to install with; on Debian or Ubuntu: apt install python3-venv" >&2; exit 2; }
	@$(dir $(@D))bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(READY): pyproject.toml uv.lock contracts/pyproject.toml $(wildcard packages/*/pyproject.toml services/*/pyproject.toml) | $(UV)
	@$(UV) sync --locked --quiet --python $(BIN)/python
	@touch $@
