"""Plans cross-border cold-chain freight: in time, still fresh, at least cost.

The names below are the public ones. Each is imported from its module when it is first used, so
``import coldchain`` loads nothing but the standard library; what they mean together is told in
``docs/concepts.md``, their words in ``docs/glossary.md``.

::

    import coldchain as cc

    scenario = cc.read_scenario("cherry-week")
    plan = cc.solve(scenario)
    cc.legs_frame(plan)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
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

if TYPE_CHECKING:
    from coldchain.audit import Violation, check
    from coldchain.charges import Charges
    from coldchain.decay import Exposure, Surroundings
    from coldchain.errors import (
        AuditFailure,
        ColdchainError,
        DataError,
        NoPlanFound,
        OutOfDomain,
        SolverFailed,
        UnknownName,
    )
    from coldchain.fitting import Fit, MeasuredLife, fit_lives
    from coldchain.goods import Consignment, Packaging, Perishable
    from coldchain.itinerary import Carriage, Itinerary, Refusal
    from coldchain.lots import Lots
    from coldchain.plan import LoadUnit, Plan, Proof
    from coldchain.plan_folder import read_plan, write_plan
    from coldchain.planner import Way, solve, ways
    from coldchain.scenario import Objective, Scenario
    from coldchain.selection import Effort
    from coldchain.tables import (
        charges_frame,
        consignments_frame,
        itineraries_frame,
        legs_frame,
        load_units_frame,
        read_scenario,
        services_frame,
        steps_frame,
    )
    from coldchain.tables.logger_file import LoggerRecord, read_logger
else:
    # Hidden from type checkers, for which it would make every misspelt name an object.
    _MODULE_OF = {
        "AuditFailure": "errors",
        "Carriage": "itinerary",
        "Charges": "charges",
        "ColdchainError": "errors",
        "Consignment": "goods",
        "DataError": "errors",
        "Effort": "selection",
        "Exposure": "decay",
        "Fit": "fitting",
        "Itinerary": "itinerary",
        "LoadUnit": "plan",
        "LoggerRecord": "tables.logger_file",
        "Lots": "lots",
        "MeasuredLife": "fitting",
        "NoPlanFound": "errors",
        "Objective": "scenario",
        "OutOfDomain": "errors",
        "Packaging": "goods",
        "Perishable": "goods",
        "Plan": "plan",
        "Proof": "plan",
        "Refusal": "itinerary",
        "Scenario": "scenario",
        "SolverFailed": "errors",
        "Surroundings": "decay",
        "UnknownName": "errors",
        "Violation": "audit",
        "Way": "planner",
        "charges_frame": "tables",
        "check": "audit",
        "consignments_frame": "tables",
        "fit_lives": "fitting",
        "itineraries_frame": "tables",
        "legs_frame": "tables",
        "load_units_frame": "tables",
        "read_logger": "tables.logger_file",
        "read_plan": "plan_folder",
        "read_scenario": "tables",
        "services_frame": "tables",
        "solve": "planner",
        "steps_frame": "tables",
        "ways": "planner",
        "write_plan": "plan_folder",
    }

    def __getattr__(name: str) -> object:
        if name not in _MODULE_OF:
            raise AttributeError(f"module 'coldchain' has no attribute {name!r}")
        value = getattr(import_module(f"coldchain.{_MODULE_OF[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
