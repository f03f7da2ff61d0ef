"""What the documents promise is run."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
READMES = ("README.md", "README.zh.md")


def blocks(name, language):
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def commands(name):
    lines = "".join(blocks(name, "sh")).splitlines()
    return [line.split("  #")[0].strip() for line in lines if line.strip()]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder such as a new user stands in: the configs, and nothing else."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(ROOT / "configs", folder / "configs")
    return folder


def test_both_readmes_give_the_same_commands():
    assert len(commands("README.md")) >= 10
    assert commands("README.md") == commands("README.zh.md")


def test_every_command_of_the_readme_works(desk):
    # Quotes stay: the shell that runs a pipe takes them away.
    wenzhai = f"{shlex.quote(sys.executable)} -m toolkit.cli"
    for command in commands("README.md"):
        line = re.sub(r"(^|\| )wenzhai ", rf"\1{wenzhai} ", command)
        result = subprocess.run(line, shell=True, cwd=desk, capture_output=True, text=True, timeout=110, check=False)
        assert result.returncode == 0, f"{command}\n{result.stderr}"
    made = {path.name for path in desk.iterdir()}
    assert {"page.xlsx", "today.xlsx", "today.csv", "headlines.jsonl", "report.json", "labels.jsonl"} <= made


@pytest.mark.parametrize("name", READMES)
def test_the_python_of_the_readme_works(desk, name):
    shutil.copyfile(ROOT / "toolkit/samples/page.txt", desk / "page.txt")
    for block in blocks(name, "python"):
        result = subprocess.run(
            [sys.executable, "-c", block], cwd=desk, capture_output=True, text=True, timeout=110, check=False
        )
        assert result.returncode == 0, result.stderr
        assert len(result.stdout.splitlines()) == 7 + 2  # articles, a finding, a sentence


@pytest.mark.parametrize("name", READMES)
def test_every_command_that_a_readme_names_exists(name):
    help_text = subprocess.run(
        [sys.executable, "-m", "toolkit.cli", "--help"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    text = (ROOT / name).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`|\| )wenzhai ([a-z]+)", text, flags=re.MULTILINE))
    assert named
    for command in named:
        assert re.search(rf"^  {command}\b", help_text, flags=re.MULTILINE), command


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md"])
def test_every_file_that_a_document_links_exists(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    for link in links:
        assert (ROOT / link.partition("#")[0]).exists(), link


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.filterwarnings("ignore")  # of the notebook machinery, not of ours
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_every_notebook_runs_from_top_to_bottom(path):
    notebook = nbformat.read(path, as_version=4)
    assert not any("def " in cell.source for cell in notebook.cells if cell.cell_type == "code")
    NotebookClient(notebook, timeout=110, resources={"metadata": {"path": str(ROOT)}}).execute()
