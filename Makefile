.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(STAMP): requirements.lock infra/browser.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r infra/browser.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q contracts chassis meaning signals services gateway web otklik infra
	@touch $(STAMP)

install: $(STAMP) ## Prepare .venv with everything pinned

run: install ## Start the demo: everything embedded, region 46 loaded
	$(BIN)/otklik up --demo

test: install ## All tests (half an hour on 2 cores); T=path runs those of one file or folder
	$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder $(T)

check: install ## Lint, types, layers, contracts, generated files, compose
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy contracts chassis meaning signals services gateway web otklik infra harness tests bench
	$(BIN)/lint-imports
	$(BIN)/python -m tests.house_rules
	$(BIN)/python -m infra.flows --check
	$(BIN)/python -m tests.contracts.schemas --check
	$(BIN)/python -m tests.api.reference --check
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

# Children run as users of their own, too: all may leave their figures. Whether tests pass is what `make test` says.
coverage: install ## Lines and branches that tests run, with a floor that only rises (T=path; takes twice as long)
	rm -rf $(VENV)/coverage && mkdir -m 1777 $(VENV)/coverage
	-$(BIN)/coverage run -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder $(T)
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --fail-under=0 --sort=cover | tail -40
	$(BIN)/python -m tests.house.coverage_floor

prove: install ## The same proofs at full size; prints JSON; P=name runs one
	$(BIN)/python -m bench.prove $(if $(P),--only $(P))

bench: install ## Measure beside the references; prints a table and JSON
	$(BIN)/python -m bench.run

shots: install ## Pictures of every page with demo data into .shots/ (needs Chromium)
	$(BIN)/python -m bench.shots

hooks: install ## Check form, house rules and layers before each commit (3 s)
	install -m 755 infra/hooks/pre-commit "$$(git rev-parse --git-path hooks)/pre-commit"

fmt: install ## Format and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: install ## Pin the newest allowed versions again
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --extra dev pyproject.toml -o requirements.lock

.PHONY: help install run test check coverage prove bench shots hooks fmt lock
