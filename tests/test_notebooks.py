"""Notebooks run from top to bottom, and are stored as they were before anyone ran them."""

import os
from pathlib import Path

import nbclient
import nbformat
import pytest

import coldchain

HOME = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((HOME / "notebooks").glob("*.ipynb"))

each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_there_are_notebooks():
    assert NOTEBOOKS


@each
def test_it_is_stored_clean(path):
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    for cell in notebook.cells:
        assert not cell.metadata, f"{cell.id}: metadata"
        if cell.cell_type == "code":
            assert not cell.outputs, f"{cell.id}: outputs"
            assert cell.execution_count is None, f"{cell.id}: execution count"
    assert text == nbformat.writes(notebook) + "\n", "not as nbformat writes it"


@each
# Kernel and client belong to others; what they warn of is not for us to fail on.
@pytest.mark.filterwarnings("default")
@pytest.mark.timeout(330)
def test_it_runs(path, monkeypatch):
    package = str(Path(coldchain.__file__).resolve().parents[1])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([package, os.environ.get("PYTHONPATH", "")]))
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": path.parent}}
    ).execute()
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", ())]
    told = "".join(o.text for o in outputs if o.output_type == "stream" and o.name == "stderr")
    assert "missing from font" not in told, told
