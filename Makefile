# The two commands: `make compare` and `make test`. Each makes .venv first, if need be.
PYTHON ?= python3
BIN := .venv/bin

.venv/.installed: pyproject.toml constraints/cpu.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "rqbench needs Python 3.11 or later: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints/cpu.txt --editable '.[dev]'
	touch $@

.PHONY: compare test check benchmark clean

compare: .venv/.installed  ## the main job: train and compare all systems of the preset `quick`
	$(BIN)/rqbench compare

test: export OMP_NUM_THREADS = 1
test: check  ## everything that must pass before a change lands; tests on up to four cores
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal \
	  --cov --cov-report=term:skip-covered

check: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

benchmark: .venv/.installed  ## speed ratios
	$(BIN)/python -m pytest -o addopts=--import-mode=importlib --benchmark-only tests

clean:
	rm -rf .venv
