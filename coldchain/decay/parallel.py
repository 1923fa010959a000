"""Several processes that spoil one attribute at once: their rates add up.

This is *one* limit with several causes, as colour lost to heat and to cold alike. Attributes with
limits of their own are another matter: of these the first decides
(:class:`~coldchain.decay.limits.FirstLimit`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from coldchain.decay.responses import ArrheniusResponse, Response
from coldchain.decay.temperatures import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelResponse:
    r"""The summed rate of parallel processes, 1 at their common reference.

    .. math:: k(T) / k(T_{ref}) = \sum_i k_i(T) \Big/ \sum_i k_i(T_{ref})

    Parameters
    ----------
    processes : tuple of (weight, response)
        Weight of each process at the reference temperature – in any unit, as only their ratio
        matters – and how it responds to temperature. All have the same reference.

    References
    ----------
    L.M.M. Tijskens, J.J. Polderdijk (1996). A generic model for keeping quality of vegetable
    produce during storage and distribution. Agricultural Systems 51(4), 431-452.
    doi:10.1016/0308-521X(95)00058-D

    Examples
    --------
    See :func:`response_with_optimum`.
    """

    processes: tuple[tuple[float, Response], ...]

    def __post_init__(self) -> None:
        if not self.processes:
            raise ValueError("there is at least one process")
        for weight, _ in self.processes:
            if not 0 < weight < math.inf:
                raise ValueError(f"the weight of a process is above 0, not {weight}")
        references = {response.reference_c for _, response in self.processes}
        if len(references) > 1:
            raise ValueError("parallel processes are weighed at one reference temperature")
        if not self.domain_min_c <= self.domain_max_c:
            raise ValueError("there is no temperature at which all of the processes hold")

    @property
    def reference_c(self) -> float:
        return self.processes[0][1].reference_c

    @property
    def domain_min_c(self) -> float:
        return max(response.domain_min_c for _, response in self.processes)

    @property
    def domain_max_c(self) -> float:
        return min(response.domain_max_c for _, response in self.processes)

    def rate(self, temperature_c: Number) -> Number:
        total = 0.0 * temperature_c
        for weight, response in self.processes:
            total = total + weight * response.rate(temperature_c)
        return total / math.fsum(weight for weight, _ in self.processes)


def response_with_optimum(
    *,
    optimum_c: float,
    activation_energy_j_mol: float,
    chilling_energy_j_mol: float,
    domain_min_c: float,
    domain_max_c: float,
) -> ParallelResponse:
    r"""Ageing quickened by warmth beside injury quickened by cold; slowest at the optimum.

    Of the weights at the optimum only one ratio puts the longest life there, so it is not a
    parameter: the slopes of both processes cancel when

    .. math:: k_2 / k_1 = E_{a,1} / |E_{a,2}|.

    Parameters
    ----------
    optimum_c : float
        Temperature at which the goods keep longest, and the reference (°C).
    activation_energy_j_mol : float
        Activation energy of ageing (J/mol), above 0.
    chilling_energy_j_mol : float
        Activation energy of the injury (J/mol), below 0.
    domain_min_c, domain_max_c : float
        Temperatures between which the response holds (°C).

    Examples
    --------
    Cucumbers that keep 12 d at 11.25 °C, with 63 and -250 kJ/mol, keep 4.61 / 8.16 / 10.16 / 6.75 d
    at 5 / 7.2 / 15 / 20 °C:

    >>> from coldchain.decay import KeepingQuality
    >>> cucumber = KeepingQuality(
    ...     life_h=12 * 24,
    ...     response=response_with_optimum(
    ...         optimum_c=11.25,
    ...         activation_energy_j_mol=63e3,
    ...         chilling_energy_j_mol=-250e3,
    ...         domain_min_c=0.0,
    ...         domain_max_c=30.0,
    ...     ),
    ... )
    >>> [round(cucumber.keeping_quality_h(t) / 24, 2) for t in (5.0, 7.2, 15.0, 20.0)]
    [4.61, 8.16, 10.16, 6.75]
    """
    if not activation_energy_j_mol > 0 > chilling_energy_j_mol:
        raise ValueError("ageing has an activation energy above 0, injury by cold one below")

    def process(energy_j_mol: float) -> ArrheniusResponse:
        return ArrheniusResponse(
            reference_c=optimum_c,
            activation_energy_j_mol=energy_j_mol,
            domain_min_c=domain_min_c,
            domain_max_c=domain_max_c,
        )

    return ParallelResponse(
        processes=(
            (-chilling_energy_j_mol, process(activation_energy_j_mol)),
            (activation_energy_j_mol, process(chilling_energy_j_mol)),
        )
    )
