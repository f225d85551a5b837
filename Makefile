# Every target makes .venv and installs what it needs; nothing but make and Python >= 3.11 is assumed.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
DATA ?=
RUN := $(VENV)/bin/python
INSTALL := $(RUN) -m pip install --quiet --disable-pip-version-check --editable

.PHONY: help demo test test-long check bench peers .data-given docs clean

help:
	@echo "make demo       real data in, synthetic data and a report out (writes demo/)"
	@echo "make test       all tests but those of make test-long"
	@echo "make test-long  the contracts of networks, thousands of columns, the demo, the pipelines"
	@echo "make check      lint, format, types, architecture"
	@echo "make bench      benchmarks; DATA=DIR for your own tables"
	@echo "make peers      other packages and ours side by side; DATA=DIR (5 GB, hours)"
	@echo "make docs       the documentation, into site/"
	@echo "make clean      remove .venv and what was built"

demo: $(VENV)/.demo
	$(RUN) -m likewise demo

test: $(VENV)/.dev
	$(RUN) -m pytest -n auto --dist loadgroup -m "not long"

test-long: $(VENV)/.dev
	$(RUN) -m pytest -n auto --dist loadgroup -m long

check: $(VENV)/.dev
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy
	$(RUN) -m pytest tests/test_architecture.py

bench: $(VENV)/.bench
	$(RUN) benchmarks/run.py $(if $(DATA),--data $(DATA))

peers: .data-given $(VENV)/.bench
	$(RUN) benchmarks/peers/environments.py
	OMP_NUM_THREADS=1 $(RUN) benchmarks/peers/compare.py --data $(DATA)
	OMP_NUM_THREADS=1 $(RUN) benchmarks/peers/relational.py --data $(DATA)
	$(RUN) benchmarks/render.py

.data-given:
	@test -n "$(DATA)" || { echo "make peers DATA=DIR: a folder with adult/, magic/ and default/"; exit 2; }

docs: $(VENV)/.docs
	$(VENV)/bin/zensical build --strict

clean:
	rm -rf $(VENV) site dist demo .pytest_cache .mypy_cache .ruff_cache

$(RUN):
	@test -n "$(PYTHON)" || { echo "likewise needs Python 3.11 or newer"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.%: pyproject.toml | $(RUN)
	$(INSTALL) '.[$*]'
	@touch $@
