.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.installed
DEVELOP := $(VENV)/.installed-develop
CLIENT := clients/python
SOURCES := contracts chassis meaning signals services gateway web otklik infra

# What pip does, in one line that is written over again; to a file, nothing but its end. $(1): a lock.
define install_locked
	@echo "Installing $(1)"; set -o pipefail; \
	$(BIN)/python -m pip install --progress-bar off --disable-pip-version-check --no-compile --require-hashes -r $(1) \
	| awk -v all=$$(grep -cE '^[A-Za-z0-9._-]+==' $(1)) -v shown=$$([ -t 1 ] && echo 1 || echo 0) \
	'/^Collecting /{n++; if (shown) {printf "\r  %d of %d: %s\033[K", n, all, $$2; fflush()}} \
	/^Installing collected/{if (shown) printf "\r\033[K"; print "  writing " n " packages"; fflush()}'
endef

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(RUN): requirements.lock infra/browser.lock pyproject.toml $(CLIENT)/pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(call install_locked,requirements.lock)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r infra/browser.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . -e $(CLIENT)
	@$(BIN)/python -m infra.trimming
	@echo "  compiling"; $(BIN)/python -m compileall -q $(SOURCES) $(CLIENT)/otklik_client && env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m infra.compiling
	@touch $(RUN)

$(DEVELOP): $(RUN) requirements-dev.lock
	$(call install_locked,requirements-dev.lock)
	@touch $(DEVELOP)

install: $(RUN) ## Prepare .venv with everything that runs, pinned

develop: $(DEVELOP) ## And with what tests and checks need

run: install ## Start the demo: everything embedded, region 46 loaded
	$(BIN)/otklik up --demo

test: develop ## All tests (half an hour on 2 cores); T=path runs those of one file or folder
	$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder $(T)

check: develop ## Lint, types, layers, contracts, generated files, compose
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(SOURCES) $(CLIENT)/otklik_client examples harness tests bench
	$(BIN)/lint-imports
	$(BIN)/python -m tests.house_rules
	$(BIN)/python -m infra.flows --check
	$(BIN)/python -m infra.page_list --check
	$(BIN)/python -m infra.settings_table --check
	$(BIN)/python -m infra.asyncapi --check
	$(BIN)/python -m infra.client_code --check
	$(BIN)/python -m tests.contracts.schemas --check
	$(BIN)/python -m tests.api.reference --check
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

# Children run as users of their own, too: all may leave their figures. Whether tests pass is what `make test` says.
coverage: develop ## Lines and branches that tests run, with a floor that only rises (T=path; takes twice as long)
	rm -rf $(VENV)/coverage && mkdir -m 1777 $(VENV)/coverage
	-$(BIN)/coverage run -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder $(T)
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --fail-under=0 --sort=cover | tail -40
	$(BIN)/python -m tests.house.coverage_floor

prove: develop ## The same proofs at full size; prints JSON; P=name runs one
	$(BIN)/python -m bench.prove $(if $(P),--only $(P))

bench: develop ## Measure beside the references; prints a table and JSON
	$(BIN)/python -m bench.run

shots: develop ## Pictures of every page with demo data into .shots/ (needs Chromium)
	$(BIN)/python -m bench.shots

hooks: develop ## Check form, house rules and layers before each commit (3 s)
	install -m 755 infra/hooks/pre-commit "$$(git rev-parse --git-path hooks)/pre-commit"

fmt: develop ## Format and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: develop ## Pin the newest allowed versions again
	$(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --no-header --extra dev --extra traces pyproject.toml -o requirements-dev.lock
	for extra in "" traces; do \
		$(BIN)/uv pip compile -q --universal --generate-hashes --no-header $${extra:+--extra $$extra} -c requirements-dev.lock \
			pyproject.toml -o requirements$${extra:+-$$extra}.lock || exit 1; done

.PHONY: help install develop run test check coverage prove bench shots hooks fmt lock
