"""Who may import whom: the contracts of pyproject.toml hold, and forget no module."""

import ast
import os
import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

from grimp import build_graph

import coldchain

CHECKOUT = Path(__file__).parents[1]
MODULES = {f"coldchain.{module.name}" for module in pkgutil.iter_modules(coldchain.__path__)}
CONTRACTS = {
    contract["name"]: contract
    for contract in tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))[
        "tool"
    ]["importlinter"]["contracts"]
}


def test_the_layers_are_kept():
    # In a process of its own: the linter logs and caches as a command would.
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for name in CONTRACTS:
        assert f"{name} KEPT" in done.stdout


def test_engines_are_forbidden_every_module_but_their_own_vocabulary():
    contract = CONTRACTS["engines know integers, not freight"]
    allowed = {
        "coldchain.certificate",
        "coldchain.engines",
        "coldchain.errors",
        "coldchain.selection",
        "coldchain.walks",
    }
    assert set(contract["forbidden_modules"]) == MODULES - allowed


def test_the_audit_shares_no_code_with_what_it_audits():
    # It may read what a plan and its charges are; how they are found and reckoned it must not.
    search = {
        "candidates",
        "carriages",
        "clock",
        "compatibility",
        "engines",
        "lowering",
        "onward",
        "planner",
        "stowage",
    }
    graph = build_graph("coldchain", cache_dir=None)
    audit = {"coldchain.audit", *graph.find_descendants("coldchain.audit")}
    known = set().union(*(graph.find_modules_directly_imported_by(module) for module in audit))
    assert not {module.split(".")[1] for module in known if "." in module} & search
    of_charges = {
        alias.name
        for path in (CHECKOUT / "coldchain" / "audit").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "coldchain.charges"
        for alias in node.names
    }
    assert of_charges <= {"Charges", "Objective"}
