# Each target is one line that calls a real tool.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_ARGS ?=

.PHONY: demo serve test check bench screenshots sbom audit lock clean
.SILENT:

demo: $(VENV)/.installed
	$(BIN)/breachdesk demo $(DEMO_ARGS)

serve: $(VENV)/.installed
	$(BIN)/breachdesk run

test: $(VENV)/.installed-dev
	.ci/gate

check: $(VENV)/.installed-dev
	.ci/gate lint

bench: $(VENV)/.installed-dev
	$(BIN)/python bench/scoping.py && $(BIN)/python bench/scoping_lines.py && $(BIN)/python bench/notices.py && $(BIN)/python bench/outbox.py && $(BIN)/python bench/events.py && $(BIN)/python bench/web.py && $(BIN)/python bench/equal.py

screenshots: $(VENV)/.installed-dev
	$(BIN)/pytest -q tests/browser/screenshots.py

sbom: $(VENV)/.installed-dev
	$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible --of JSON -o breachdesk.cdx.json

audit: $(VENV)/.installed-dev
	$(BIN)/python .ci/audit --strict

lock: $(VENV)/.installed-dev
	.ci/lock

clean:
	rm -rf $(VENV) var

$(VENV)/.installed: requirements.lock pyproject.toml
	.ci/install requirements.lock && touch $@

$(VENV)/.installed-dev: requirements-dev.lock pyproject.toml
	.ci/install requirements-dev.lock && touch $@ $(VENV)/.installed
