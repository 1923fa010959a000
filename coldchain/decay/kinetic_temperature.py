"""The one temperature that would have aged the goods as much as their history did."""

from __future__ import annotations

import math
from collections.abc import Iterable

from coldchain.decay.exposure import Exposure
from coldchain.decay.temperatures import GAS_CONSTANT_J_MOL_K, ZERO_CELSIUS_K


def mean_kinetic_temperature_c(
    history: Iterable[Exposure], activation_energy_j_mol: float
) -> float:
    r"""Mean kinetic temperature of ``history`` (°C).

    .. math:: T_K = \frac{\Delta H / R}
              {-\ln\left(\sum_i t_i e^{-\Delta H / (R T_i)} \big/ \sum_i t_i\right)},
              \quad T \text{ in K}

    Above the plain mean, as warm hours count for more (from 5 kJ/mol on; no goods have less). A
    line for a report, not a verdict: life used decides. The pharmacopoeia's 83.144 kJ/mol is for
    medicines; fruit has an activation energy of its own.

    Parameters
    ----------
    history : iterable of Exposure
        At least one hour of it above 0.
    activation_energy_j_mol : float
        ``ΔH`` (J/mol), above 0.

    References
    ----------
    J.D. Haynes (1971). Worldwide virtual temperatures for product stability testing. Journal of
    Pharmaceutical Sciences 60(6), 927-929. doi:10.1002/jps.2600600629.

    Examples
    --------
    Twenty days at 0 °C and one at 25 °C, as a medicine and as a cherry:

    >>> trip = [
    ...     Exposure(hours=480, temperature_c=0.0),
    ...     Exposure(hours=24, temperature_c=25.0),
    ... ]
    >>> round(mean_kinetic_temperature_c(trip, 83.144e3), 2)
    5.19
    >>> round(mean_kinetic_temperature_c(trip, 66e3), 2)
    3.85
    """
    if not 0 < activation_energy_j_mol < math.inf:
        raise ValueError(f"an activation energy is above 0, not {activation_energy_j_mol}")
    lasting = [e for e in history if e.hours]
    if not lasting:
        raise ValueError("a history without time has no mean temperature")
    ratio = activation_energy_j_mol / GAS_CONSTANT_J_MOL_K
    # Relative to the coldest, so that no exponential underflows.
    coldest = 1.0 / (min(e.temperature_c for e in lasting) + ZERO_CELSIUS_K)
    weighted = math.fsum(
        e.hours * math.exp(ratio * (coldest - 1.0 / (e.temperature_c + ZERO_CELSIUS_K)))
        for e in lasting
    )
    mean = math.log(weighted / math.fsum(e.hours for e in lasting))
    return 1.0 / (coldest - mean / ratio) - ZERO_CELSIUS_K
