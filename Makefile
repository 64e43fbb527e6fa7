# make demo    explain the embedded model: a summary here, figures in demo.html
# make test    every test: Python, JavaScript, browser
# make test-fast  while working: of the model types one for every kind of structure, no browser, no notebooks
# make check   what must hold before a commit lands: format, lint, types, bundle, tests, docs
#
# Each sets up what it needs (.venv, js/node_modules) and is fast when run again.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHON

.PHONY: demo test test-fast check format lint types bundle bundle-check python-tests js-tests docs docs-serve notebooks models pictures benchmarks constraints \
	clean setup-run setup-dev setup-js

demo: setup-run
	@$(BIN)/python -m ecco.demo

test: python-tests js-tests

test-fast: setup-dev
	$(BIN)/python -m pytest -q --fast -n auto --maxprocesses=4 $(PYTEST)

check: lint types bundle-check test docs

python-tests: setup-dev setup-js
	@tools/chromium.sh
	$(BIN)/python -m pytest -q -n auto --maxprocesses=4 $(PYTEST)

js-tests: setup-js
	cd js && npm test --silent

format: setup-dev setup-js
	$(BIN)/ruff check --quiet --fix
	$(BIN)/ruff format --quiet
	cd js && npx biome check --write .

lint: setup-dev setup-js
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	cd js && npm run --silent check

types: setup-dev
	$(BIN)/pyright

# The bundle is committed, so that nobody needs Node to install ecco. This proves that it is what the sources give.
bundle: setup-js
	cd js && npm run --silent build

bundle-check: bundle
	git diff --exit-code --stat -- ecco/render/bundle

docs: setup-dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

docs-serve: setup-dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

# Run the example notebooks and store them with their outputs.
notebooks: setup-dev
	$(BIN)/python tools/notebooks.py notebooks/*.ipynb

# Prove again what works for which type of model, and write it to the docs.
models: setup-dev
	$(BIN)/python tests/model_table.py

# Draw the picture of the README.
pictures: setup-dev
	@tools/chromium.sh
	$(BIN)/python tools/pictures.py

benchmarks: setup-dev
	$(BIN)/python -m benchmarks

constraints: setup-dev
	$(BIN)/python tools/constraints.py constraints.txt

setup-run:
	@tools/venv.sh $(VENV) . $(VENV)/.run

setup-dev:
	@tools/venv.sh $(VENV) '.[dev]' $(VENV)/.dev tests/models.txt && touch $(VENV)/.run

setup-js: js/node_modules/.package-lock.json

js/node_modules/.package-lock.json: js/package-lock.json
	@command -v npm >/dev/null 2>&1 || { echo "The JavaScript tests need Node.js 20 or newer with npm (ecco itself does not)." >&2; exit 1; }
	cd js && npm ci --no-audit --no-fund --silent
	@touch $@

clean:
	rm -rf $(VENV) js/node_modules site demo.html .pytest_cache .ruff_cache .cache build dist *.egg-info
