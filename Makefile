# `make run` and `make test` each do all their own set-up on a fresh machine. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help setup run serve test system-deps lint layers tests gates tests-3.13 eval bench model readme clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INDEX ?= youju-index
# The real documents are not part of the repository; their gate runs where they lie.
YOUJU_CORPUS ?= $(abspath ../shared/corpus)
YOUJU_DEV ?= $(YOUJU_CORPUS)/../eval/dev.jsonl
YOUJU_TRAINING ?= $(abspath ../shared/training)
export YOUJU_CORPUS
QUESTION := 哪些技术适合焦化企业？
# The same generated examples in each run; plain pytest draws new ones.
PYTEST ?= --hypothesis-profile=ci
AXE_VERSION := 4.14.1
PIP_INSTALL := -m pip install -qq --disable-pip-version-check -c constraints.txt

help: ## show this list
	@grep -hE '^[a-z0-9.-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

# --- set-up: each stamp is renewed when the dependencies change ---

$(VENV)/bin/python:
	@python=; for name in $(PYTHON) python3.13 python3.12 python3.11; do
	  if "$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
	    python=$$name; break; fi; done
	  if [ -z "$$python" ]; then echo "youju needs Python 3.11, 3.12 or 3.13 (make PYTHON=/path/to/python)" >&2; exit 2; fi
	  "$$python" -m venv $(VENV)

$(VENV)/.setup: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "setup: base install into $(VENV)"
	@$(BIN)/python $(PIP_INSTALL) -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.setup
	@echo "setup: test tools, the extras llm, models, onnx, serve and ui, clients and a language model server for tests"
	@$(BIN)/python $(PIP_INSTALL) -e '.[dev,dev-clients,dev-serving,dev-ui,llm,models,onnx,serve,ui]'
	@touch $@

# Accessibility rules for the browser tests; MPL-2.0, so it is fetched and not kept in the repository.
AXE := reports/axe/node_modules/axe-core/axe.min.js
$(AXE):
	@if ! command -v npm >/dev/null; then echo "axe: skipped, no npm; the accessibility tests skip"; exit 0; fi
	  mkdir -p reports/axe
	  if ! npm install --silent --no-audit --no-fund --prefix reports/axe axe-core@$(AXE_VERSION) >/dev/null; then
	    echo "axe: npm install failed; the accessibility tests skip"; fi

setup: $(VENV)/.setup ## base install into .venv

system-deps: ## Debian packages for the .docx/.pdf and browser tests (installed where missing and possible, else they skip)
	@missing=; command -v soffice >/dev/null || missing="libreoffice-writer-nogui"
	  command -v chromium >/dev/null || missing="$$missing chromium"
	  if ! fc-list :lang=zh 2>/dev/null | grep -q .; then missing="$$missing fontconfig fonts-noto-cjk"; fi
	  if [ -z "$$missing" ]; then exit 0; fi
	  if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	    echo "system-deps: not installed (needs root and apt-get):$$missing; the tests that need them skip"; exit 0; fi
	  echo "system-deps: installing $$missing"
	  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	         apt-get install -y -qq --no-install-recommends $$missing; } >/dev/null; then
	    echo "system-deps: apt-get failed; the tests that need$$missing skip"; fi

# --- use ---

run: setup ## build the sample collection, show a first cited answer, then prompt for questions
	@$(BIN)/youju build corpus --index $(INDEX)
	@$(BIN)/youju ask '$(QUESTION)' --index $(INDEX)
	@if [ -t 0 ]; then $(BIN)/youju ask --index $(INDEX); fi

$(VENV)/.serve: $(VENV)/.setup
	@echo "setup: the page and the interfaces"
	@$(BIN)/python $(PIP_INSTALL) -e '.[serve,ui,llm]'
	@touch $@

serve: $(VENV)/.serve ## the chat page and the HTTP, OpenAI and MCP interfaces over the sample collection, on this machine
	@if [ ! -d "$(INDEX)" ]; then $(BIN)/youju build corpus --index $(INDEX); fi
	@$(BIN)/youju serve --index $(INDEX)

# --- checks ---

test: ## everything: lint, types, layers, tests, known-fact gates, base tests on 3.13; ends with pytest's summary
	@$(MAKE) system-deps $(VENV)/.dev
	@$(MAKE) lint layers
	@$(MAKE) tests
	@$(MAKE) gates
	@$(MAKE) tests-3.13
	@tail -n 1 reports/pytest.txt

lint: $(VENV)/.dev ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/mypy

layers: $(VENV)/.dev
	@$(BIN)/python -m pytest -q tests/test_layers.py

tests: $(VENV)/.dev $(AXE)
	@mkdir -p reports; $(BIN)/python -m pytest $(PYTEST) 2>&1 | tee reports/pytest.txt

gates: $(VENV)/.dev
	@$(BIN)/youju eval eval/suites/sample.jsonl --corpus corpus --gate eval/gates.toml
	@if [ -d "$(YOUJU_CORPUS)" ] && [ -f "$(YOUJU_DEV)" ]; then
	  $(BIN)/youju eval "$(YOUJU_DEV)" --corpus "$(YOUJU_CORPUS)" --gate eval/gates.toml
	else echo "gates: real documents skipped, not at $(YOUJU_CORPUS) (set YOUJU_CORPUS)"; fi

tests-3.13:
	@python=; for name in python3.13 "$$(pyenv root 2>/dev/null)"/versions/3.13*/bin/python3.13; do
	  if "$$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null; then python=$$name; break; fi; done
	  if [ -z "$$python" ]; then echo "tests-3.13: skipped, no working python3.13 on this machine"; exit 0; fi
	  venv=.venv-3.13; stamp=$$venv/.dev
	  if [ ! -e $$stamp ] || [ pyproject.toml -nt $$stamp ] || [ constraints.txt -nt $$stamp ]; then
	    [ -x $$venv/bin/python ] || "$$python" -m venv $$venv
	    echo "tests-3.13: base install and test tools into $$venv"
	    $$venv/bin/python $(PIP_INSTALL) -e '.[dev]'; touch $$stamp; fi
	  mkdir -p reports; $$venv/bin/python -m pytest -q $(PYTEST) 2>&1 | tee reports/pytest-3.13.txt

eval: $(VENV)/.dev ## known-fact report of the sample suite (and of the real documents where present), with the naive baseline
	@$(BIN)/youju eval eval/suites/sample.jsonl --corpus corpus --compare naive
	@if [ -d "$(YOUJU_CORPUS)" ] && [ -f "$(YOUJU_DEV)" ]; then
	  $(BIN)/youju eval "$(YOUJU_DEV)" --corpus "$(YOUJU_CORPUS)" --compare naive; fi

bench: $(VENV)/.dev ## speed, memory and planted faults, beside baselines of the same run
	@$(BIN)/python $(PIP_INSTALL) -e '.[bench]'
	@for name in speed planted_faults; do echo "== bench.$$name"; $(BIN)/python -m "bench.$$name"; done
	@if [ -d "$(YOUJU_CORPUS)" ] && [ -f "$(YOUJU_DEV)" ]; then
	  $(BIN)/python -m bench.speed "$(YOUJU_CORPUS)" "$(YOUJU_DEV)"; fi

# The words are those of the shipped tokenizer, so that a run is the same each time; WORDS= fits them anew.
WORDS ?= --words index/model/tokenizer.json
model: $(VENV)/.dev ## train the built-in embedding model anew from the shared training data (minutes, two cores)
	@if [ ! -d "$(YOUJU_TRAINING)" ]; then
	  echo "model: no training data at $(YOUJU_TRAINING) (set YOUJU_TRAINING)" >&2; exit 2; fi
	@$(BIN)/python -m index.train "$(YOUJU_TRAINING)/pairs.jsonl.gz" "$(YOUJU_TRAINING)/questions.jsonl.gz" $(WORDS) \
	  --laws "$(YOUJU_TRAINING)/../laws.tar.xz" --terms "$(YOUJU_TRAINING)/terms_environment.txt" --out index/model

readme: setup ## refresh the parts of both READMEs that come from the program
	@$(BIN)/python -m tests.readme_parts

clean: ## remove what the targets above made, except the virtual environments
	@rm -rf reports $(INDEX) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
