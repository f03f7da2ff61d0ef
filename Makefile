# make demo   set up, then read, label and summarize a sample page
# make test   set up, then run every check
# make bench  measure quality and speed on the real data beside the project (see CONTRIBUTING.md); bench-bert: the
#             transformer models; bench-seq2seq: the summarizers

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: demo test lint bench bench-bert bench-seq2seq clean

demo: $(READY)
	@$(BIN)/wenzhai sample page -o out/page.txt
	@$(BIN)/wenzhai run out/page.txt -o out/page.xlsx --table

test: lint
	$(BIN)/python -m pytest

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(BIN)/python -m training.bench

bench-bert: $(READY)
	$(BIN)/python -m training.bench_bert

bench-seq2seq: $(READY)
	$(BIN)/python -m training.bench_seq2seq

# Built once, and again only when what to install has changed. A build that broke off leaves no ready file.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) out build *.egg-info
