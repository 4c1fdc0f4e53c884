# The one door: people, README and CI all go through these targets.
PYTHON ?= python3
VENV := .venv
ST_ONNX := .venv-st-onnx
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt

# tests start many interpreters; each would compile the package anew
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check torture bench clean
.DEFAULT_GOAL := help

help:
	@echo "make demo     install, index examples/reviews.jsonl and ask it a question"
	@echo "make test     install what tests need and run them"
	@echo "make check    formatting, lint, types, import floors, docs"
	@echo "make torture  the long crash tests"
	@echo "make bench    every benchmark beside its peers; hours, results go to bench/results"
	@echo "make clean    remove everything that was built, the environment too"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e .
	@touch $@

$(VENV)/.for-test: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[test]'
	@touch $@ $(VENV)/.installed

$(VENV)/.for-check: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[test,check]'
	@touch $@ $(VENV)/.for-test $(VENV)/.installed

$(VENV)/.for-bench: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[test,bench]'
	@touch $@ $(VENV)/.for-test $(VENV)/.installed

# the last release of sentence-transformers whose ONNX backend can be installed: optimum-onnx
# asks for transformers below 4.58, sentence-transformers 6 for 5
$(ST_ONNX)/.installed: bench/peers/st_onnx.txt
	$(PYTHON) -m venv $(ST_ONNX)
	$(ST_ONNX)/bin/pip install --quiet --disable-pip-version-check -r bench/peers/st_onnx.txt
	@touch $@

demo: $(VENV)/.installed
	$(BIN)/retrieve index examples/reviews.jsonl
	$(BIN)/retrieve query "positive review"

test: $(VENV)/.for-test
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not torture"

check: $(VENV)/.for-check
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest tests/house

torture: $(VENV)/.for-test
	$(BIN)/python -m pytest -n 2 --dist worksteal -m torture

bench: $(VENV)/.for-bench $(ST_ONNX)/.installed
	$(BIN)/python -m bench.run_all

clean:
	rm -rf $(VENV) $(ST_ONNX) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
