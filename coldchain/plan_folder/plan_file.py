"""``plan.json``: a plan and the scenario it answers, versioned, strict in reading."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from coldchain.certificate import Certificate
from coldchain.charges import Charges
from coldchain.emissions import Emissions
from coldchain.errors import DataError, Fault
from coldchain.itinerary import Itinerary, Refusal
from coldchain.plan import LoadUnit, Mandate, Plan, Proof
from coldchain.plan_folder.certificate_file import CERTIFICATE_FILE, read_certificate
from coldchain.plan_folder.documents import decode, encode
from coldchain.plan_folder.parsing import parsed, refused
from coldchain.plan_folder.ranges import out_of_range
from coldchain.plan_folder.references import loose_ends
from coldchain.scenario import Scenario

PLAN_FILE = "plan.json"

FORMAT = "coldchain plan"
VERSION = 3
"""Rises when a file of the former version could not be read as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDocument:
    """The file's fields in their order: what was found first, the long tables last.

    ``scenario_digest`` is the digest of the scenario planned; left empty in a plan made by hand,
    it is not compared.
    """

    format: str
    version: int
    scenario_digest: str
    proof: Proof
    mandate: Mandate | None
    unserved: tuple[Refusal, ...]
    charges: Mapping[str, Charges]
    emissions: Mapping[str, Emissions]
    load_units: tuple[LoadUnit, ...]
    itineraries: tuple[Itinerary, ...]
    scenario: Scenario


def plan_bytes(plan: Plan) -> bytes:
    """The whole ``plan.json``; equal plans give equal bytes."""
    document = encode(
        PlanDocument(
            format=FORMAT,
            version=VERSION,
            scenario_digest=plan.scenario.digest,
            proof=plan.proof,
            mandate=plan.mandate,
            unserved=plan.unserved,
            charges=plan.charges,
            emissions=plan.emissions,
            load_units=plan.load_units,
            itineraries=plan.itineraries,
            scenario=plan.scenario,
        )
    )
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    return (text + "\n").encode()


def read_plan(path: Path | str) -> Plan:
    """The plan in a plan folder, or in a ``plan.json`` by itself.

    A certificate is read where one lies beside it.

    Raises
    ------
    DataError
        The file is not there, is no plan, or its scenario does not hold together.
    OSError
        The file is there and cannot be read.
    """
    path = Path(path)
    file = path / PLAN_FILE if path.is_dir() else path
    document = parsed(file, PLAN_FILE)
    name = str(file)
    if not isinstance(document, dict) or cast("dict[str, Any]", document).get("format") != FORMAT:
        raise refused(name, f'not a {PLAN_FILE}, which begins with "format": "{FORMAT}"')
    version = cast("dict[str, Any]", document).get("version")
    if version != VERSION:
        raise refused(name, f"version {VERSION} of the format", "version", str(version))
    read = decode(PlanDocument, cast(object, document), file=name)
    plan = Plan(
        scenario=read.scenario,
        itineraries=read.itineraries,
        load_units=read.load_units,
        unserved=read.unserved,
        charges=read.charges,
        emissions=read.emissions,
        proof=read.proof,
        mandate=read.mandate,
        certificate=_certificate_beside(file),
    )
    faults = [
        Fault(file=name, row=0, column=column, value=value, expected=expected)
        for column, value, expected in (*loose_ends(plan.scenario), *out_of_range(plan.scenario))
    ]
    if not faults and read.scenario_digest not in ("", plan.scenario.digest):
        faults = [
            Fault(
                file=name,
                row=0,
                column="scenario_digest",
                value=read.scenario_digest[:12],
                expected=f"{plan.scenario.digest[:12]}…: the scenario was changed after planning "
                '(put "" here to go on with it as it stands)',
            )
        ]
    if faults:
        raise DataError(faults)
    return plan


def _certificate_beside(file: Path) -> Certificate | None:
    beside = file.with_name(CERTIFICATE_FILE)
    return read_certificate(beside) if file.name == PLAN_FILE and beside.exists() else None
