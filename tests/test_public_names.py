"""What `import coldchain` promises: these names, documented, and quick to import."""

import ast
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import coldchain

PUBLIC = [
    "AuditFailure",
    "Carriage",
    "Charges",
    "ColdchainError",
    "Consignment",
    "DataError",
    "Effort",
    "Exposure",
    "Fit",
    "Itinerary",
    "LoadUnit",
    "LoggerRecord",
    "Lots",
    "MeasuredLife",
    "NoPlanFound",
    "Objective",
    "OutOfDomain",
    "Packaging",
    "Perishable",
    "Plan",
    "Proof",
    "Refusal",
    "Scenario",
    "SolverFailed",
    "Surroundings",
    "UnknownName",
    "Violation",
    "Way",
    "__version__",
    "charges_frame",
    "check",
    "consignments_frame",
    "fit_lives",
    "itineraries_frame",
    "legs_frame",
    "load_units_frame",
    "read_logger",
    "read_plan",
    "read_scenario",
    "services_frame",
    "solve",
    "steps_frame",
    "ways",
    "write_plan",
]
"""Written out a second time: a public name comes and goes on purpose only."""

CHECKOUT = Path(__file__).parents[1]
MODULES = {module.name for module in pkgutil.iter_modules(coldchain.__path__)}
NAMED = [name for name in PUBLIC if name != "__version__"]


def test_the_public_names_are_these_in_order():
    assert coldchain.__all__ == PUBLIC
    assert sorted(PUBLIC) == PUBLIC


@pytest.mark.parametrize("name", NAMED)
def test_a_public_name_is_there_and_says_what_it_is(name: str):
    thing = getattr(coldchain, name)
    assert inspect.isclass(thing) or inspect.isfunction(thing)
    assert thing.__name__ == name
    doc = thing.__doc__ or ""
    # A dataclass without a docstring is given its own signature as one.
    assert len(doc.split()) > 2
    assert not doc.startswith(f"{name}(")


def test_a_public_function_shares_no_modules_name():
    assert not MODULES & set(PUBLIC)


def test_type_checkers_see_the_names_where_they_are_found():
    tree = ast.parse(inspect.getsource(coldchain))
    seen = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("coldchain.")
        for alias in node.names
    }
    found = vars(coldchain)["_MODULE_OF"]
    assert seen == {name: f"coldchain.{module}" for name, module in found.items()}
    assert sorted(seen) == NAMED


def test_a_name_that_is_not_public_is_refused_in_pythons_own_words():
    misspelt = "slove"
    with pytest.raises(AttributeError, match="module 'coldchain' has no attribute 'slove'"):
        getattr(coldchain, misspelt)


def test_dir_lists_the_names_before_they_are_used():
    assert set(PUBLIC) <= set(dir(coldchain))


def test_importing_coldchain_loads_the_standard_library_only():
    code = (
        "import sys; before = set(sys.modules); import coldchain;"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= {"coldchain", *sys.stdlib_module_names}
