# Needs python3.11 or newer, pip and make; everything else is brought along, and stays in this folder.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
UV := $(or $(shell command -v uv),.uv/bin/uv)
RUN := $(UV) run --no-sync
# The second reader learns the words of this version: half a minute, once for each version.
LEARN := $(RUN) python -m agents.interpreter.second.train
# Where this is set, every one of our many processes would compile all sources anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run demo test test-long check bench eval screenshots migration format clean

run: .venv ## the demo company in the web app
	$(RUN) prokurist serve --demo

demo: .venv ## the whole story in the terminal, in a database that is thrown away afterwards
	$(RUN) prokurist demo

test: .venv .chromium ## all there is to know before a commit
	@$(LEARN) & learning=$$!; $(MAKE) --no-print-directory check && wait $$learning
	$(RUN) pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not long"

test-long: check .chromium ## the same, and the long runs with their printed seeds
	@$(LEARN)
	$(RUN) pytest -q --hypothesis-profile=explore

check: .venv ## lint, types, floors
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) lint-imports

bench: .venv ## ratios measured side by side in one run
	$(RUN) python -m evals.bench

eval: .venv ## how well it understands
	$(RUN) prokurist eval

screenshots: .venv .chromium ## the pictures of the README, taken from the demo company
	$(RUN) python -m evals.screenshots

migration: .venv ## write the schema that the tables declare, to compare and to migrate to
	$(RUN) python -m core.processes.schema.snapshot

format: .venv
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

.venv: pyproject.toml uv.lock $(UV)
	$(UV) sync --locked --compile-bytecode --python $(PYTHON)
	@touch .venv

.uv/bin/uv:
	$(PYTHON) -m venv .uv
	.uv/bin/pip install --quiet uv

# Browser tests drive Debian's Chromium; where apt is not at hand, install Chromium yourself.
.PHONY: .chromium
.chromium:
	@command -v chromium-headless-shell >/dev/null \
	|| (apt-get update -qq && apt-get install -y -qq chromium-headless-shell fonts-noto-cjk) \
	|| command -v chromium >/dev/null

clean:
	rm -rf .venv .uv .learned .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
