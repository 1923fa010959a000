"""Cost and bound of a plan once more, by its certificate and without any engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from coldchain.audit import Violation
from coldchain.candidates import enumerate_itineraries
from coldchain.certificate import Certificate
from coldchain.evaluator import bound_of, cost_of
from coldchain.lowering import lower
from coldchain.plan import Plan
from coldchain.selection import SelectionProblem
from coldchain.warm_start import TakenOver, take_over

TRANSPORT = ("freight", "detention", "reefer", "genset")
"""Kinds of charges that make up the transport bill: what is paid for load units and their hours."""

SHOWN = 12
"""Characters of a digest that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """What a certificate proves of a plan; money in USD, without what every plan pays alike.

    Attributes
    ----------
    violations : tuple of Violation
        Where certificate, plan and scenario do not agree; empty if the bound is proven.
    cost_usd : float or None
        Cost of the plan's choice; None where that is no selection of the scenario's candidates.
    bound_usd : float or None
        What the multipliers prove; None where they do not belong to the scenario.
    claimed_usd : float
        The bound the plan states, by the word of its engine.
    transport_usd : float
        The plan's transport bill.
    """

    violations: tuple[Violation, ...]
    cost_usd: float | None
    bound_usd: float | None
    claimed_usd: float
    transport_usd: float

    @property
    def missing_usd(self) -> float | None:
        """How much less than this plan the best one may cost (USD)."""
        if self.cost_usd is None or self.bound_usd is None:
            return None
        return max(0.0, self.cost_usd - self.bound_usd)

    @property
    def gap(self) -> float | None:
        """That as a share of the cost, as ``proof.gap`` is."""
        return _share(self.missing_usd, self.cost_usd)

    @property
    def transport_gap(self) -> float | None:
        """That as a share of the transport bill alone; None where there is no bill."""
        return _share(self.missing_usd, self.transport_usd)

    @property
    def beyond(self) -> bool:
        """Whether the plan states a bound that only its engine vouches for."""
        return self.bound_usd is not None and self.claimed_usd > self.bound_usd


def _share(part: float | None, whole: float | None) -> float | None:
    return abs(part / whole) if part is not None and whole else None


def recompute(plan: Plan, certificate: Certificate) -> Recomputed:
    """Find the candidates of the plan's scenario, and work out cost and bound of them."""
    lowered = lower(enumerate_itineraries(plan.scenario))
    problem = lowered.problem
    taken = take_over(lowered, plan)
    violations = list(_strangers(plan, taken))
    cost = None if violations else cost_of(problem, taken.hint)
    stated = _cents(plan.proof.cost_usd)
    if cost is not None and cost != stated:
        violations.append(
            Violation(
                rule="certificate_cost",
                subject="proof",
                found=f"{stated / 100:.2f} USD",
                expected=f"{cost / 100:.2f} USD",
                message="the plan's choice does not cost what the plan states",
            )
        )
    bound, wrong = _bound(problem, certificate)
    return Recomputed(
        violations=(*violations, *wrong),
        cost_usd=None if cost is None else cost / 100,
        bound_usd=None if bound is None else bound / 100,
        claimed_usd=plan.proof.bound_usd,
        transport_usd=sum(getattr(plan.total, kind) for kind in TRANSPORT),
    )


def _cents(usd: float) -> int:
    return round(usd * 100)


def _strangers(plan: Plan, taken: TakenOver) -> Iterator[Violation]:
    """Itineraries of the plan that the search does not list."""
    why = dict(taken.left)
    for itinerary in plan.itineraries:
        name = itinerary.consignment
        if name not in taken.taken:
            yield Violation(
                rule="certificate_choice",
                subject=name,
                found=why.get(name, "an itinerary"),
                expected="an itinerary the search finds",
                message="the bound does not speak of plans with its itinerary",
            )


def _bound(
    problem: SelectionProblem, certificate: Certificate
) -> tuple[int | None, tuple[Violation, ...]]:
    """What is proven (cents), if the certificate is one of this problem; else what is wrong."""
    if certificate.problem != problem.digest:
        return None, (
            Violation(
                rule="certificate_problem",
                subject="certificate",
                found=f"{certificate.problem[:SHOWN]}…",
                expected=f"{problem.digest[:SHOWN]}…",
                message="it is of another problem than this scenario, searched by this version",
            ),
        )
    try:
        bound = bound_of(problem, certificate)
    except ValueError as error:
        return None, (
            Violation(
                rule="certificate_terms",
                subject="certificate",
                found=str(error),
                expected="terms of the scenario's own problem",
                message="its multipliers do not belong together",
            ),
        )
    if certificate.bound > bound:
        return bound, (
            Violation(
                rule="certificate_bound",
                subject="certificate",
                found=f"{certificate.bound / 100:.2f} USD",
                expected=f"at most {bound / 100:.2f} USD",
                message="its multipliers do not prove the bound it states",
            ),
        )
    return bound, ()
