"""Imports go one way, and what the documents promise is there."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted([*ROOT.glob("toolkit/**/*.py"), *ROOT.glob("training/**/*.py")])

# A module may import from its own layer's package and from the layers before it.
LAYERS = [
    {"toolkit.types"},
    {"toolkit.text", "toolkit.config", "toolkit.joints"},
    {"toolkit.headings"},
    {"toolkit.topics", "toolkit.words", "toolkit.decide", "toolkit.residue", "toolkit.folders"},
    {"toolkit.encoders", "toolkit.engines", "toolkit.faithful"},
    {"toolkit.readers", "toolkit.classifiers", "toolkit.summarizers", "toolkit.writers"},
    {"toolkit.pipeline"},
    {"training"},
    {"toolkit.cli"},
]


def layer_of(module):
    for number, layer in enumerate(LAYERS):
        for name in layer:
            if module == name or module.startswith(name + "."):
                return number, name
    raise AssertionError(f"{module} belongs to no layer; add it to LAYERS")


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_there_are_files():
    assert len(FILES) > 30


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path):
    if module_of(path) == "toolkit":
        return
    own_layer, own_package = layer_of(module_of(path))
    for name in imports_of(path):
        if name.split(".")[0] in ("toolkit", "training") and name != "toolkit":
            layer, package = layer_of(name)
            assert layer < own_layer or package == own_package, f"{module_of(path)} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path):
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= 300
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 45, node.name


def test_nothing_unsafe_is_read():
    for path in FILES:
        used = {name.split(".")[0] for name in imports_of(path)}
        assert not used & {"pickle", "joblib", "marshal", "shelve", "dill"}, path


def test_no_file_names_this_machine():
    tracked = [*FILES, *ROOT.glob("*.md"), *ROOT.glob("configs/**/*.yaml"), ROOT / "Makefile", ROOT / "pyproject.toml"]
    for path in tracked:
        assert str(ROOT.parent) + "/" not in path.read_text(encoding="utf-8"), path
