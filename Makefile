# Everything from nothing but Python 3.11+ and make. `make demo` and `make test` are the two doors.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install -qq --disable-pip-version-check --require-hashes
SIZE ?= full
# what reads scans tells its maker of each session otherwise
export ORT_DISABLE_TELEMETRY := 1

.PHONY: demo test lint types proof accuracy bench packages ocr clean

$(VENV)/.ready: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(PIP) -r requirements.lock
	touch $@

# scans and photos are read by OCR: 420 MB more, so only on demand (and in CI)
$(VENV)/.ready-ocr: $(VENV)/.ready requirements-ocr.lock
	$(PIP) -r requirements-ocr.lock
	touch $@

ocr: $(VENV)/.ready-ocr

# what the bench sets our PDF reading beside
$(VENV)/.ready-bench: $(VENV)/.ready requirements-bench.lock
	$(PIP) -r requirements-bench.lock
	touch $@

demo: $(VENV)/.ready
	$(PY) run.py demo

packages:
	@sh .ci/packages

lint: $(VENV)/.ready
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .

types: $(VENV)/.ready
	$(VENV)/bin/mypy

test: $(VENV)/.ready packages lint types
	$(PY) -m pytest -n auto --dist loadfile

proof: $(VENV)/.ready packages
	SIZE=$(SIZE) $(PY) -m pytest -m proof

accuracy: $(VENV)/.ready packages
	SIZE=$(SIZE) $(PY) -m tests.generate.accuracy

bench: $(VENV)/.ready-bench packages
	$(PY) -m tests.bench

clean:
	rm -rf $(VENV) out
