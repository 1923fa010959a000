"""Water lost to the air: what dries stems and takes weight, in cold stores too.

The driving force is the vapour pressure at the surface of the goods, saturated at *their*
temperature, against that of the air. Warm fruit in cold air therefore dries fast even in a humid
store, and cold fruit in warm humid air is rained upon: its weight does not grow by that, and wet
fruit is no gain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from coldchain.decay.limits import AdditiveLimit
from coldchain.decay.temperatures import (
    ZERO_CELSIUS_K,
    Number,
    exponential,
    positive_part,
    require_domain,
    require_ends,
)

GAS_CONSTANT_OF_VAPOUR_J_KG_K = 461.5
"""Specific gas constant of water vapour (J/kg/K)."""


def saturation_vapour_pressure_pa(temperature_c: Number) -> Number:
    r"""Pressure of saturated water vapour over water.

    .. math:: e_s(T) = 610.78 \exp\left(\frac{17.27\,T}{T + 237.3}\right), \quad T \text{ in °C}

    Raises
    ------
    OutOfDomain
        Below -40 or above 100 °C, where the formula is not Tetens' any more.

    References
    ----------
    O. Tetens (1930). Über einige meteorologische Begriffe. Zeitschrift für Geophysik 6, 297-309,
    with the constants of F.W. Murray (1967). On the computation of saturation vapor pressure.
    Journal of Applied Meteorology 6(1), 203-204.

    Examples
    --------
    >>> saturation_vapour_pressure_pa(0.0), round(saturation_vapour_pressure_pa(20.0))
    (610.78, 2338)
    """
    require_domain(temperature_c, -40.0, 100.0)
    return 610.78 * exponential(17.27 * temperature_c / (temperature_c + 237.3))


def vapour_pressure_deficit_pa(
    pulp_c: Number, air_c: Number, relative_humidity_pct: Number
) -> Number:
    """Saturation at the goods less the vapour of the air (Pa); below 0 the goods get wet.

    Examples
    --------
    Cherries at 20 °C in a store at 0 °C and 95 % dry fifty-eight times as fast as cold ones; cold
    ones carried into a summer's morning are dewed:

    >>> round(vapour_pressure_deficit_pa(20.0, 0.0, 95.0))
    1758
    >>> round(vapour_pressure_deficit_pa(0.0, 0.0, 95.0))
    31
    >>> round(vapour_pressure_deficit_pa(0.0, 20.0, 60.0))
    -792
    """
    _require_humidity(relative_humidity_pct)
    vapour = relative_humidity_pct * saturation_vapour_pressure_pa(air_c) / 100.0
    return saturation_vapour_pressure_pa(pulp_c) - vapour


def condenses(pulp_c: float, air_c: float, relative_humidity_pct: float) -> bool:
    """Whether water settles on the goods: they are colder than the dew point of the air.

    Examples
    --------
    >>> condenses(0.0, 20.0, 60.0), condenses(15.0, 20.0, 60.0)
    (True, False)
    """
    return vapour_pressure_deficit_pa(pulp_c, air_c, relative_humidity_pct) < 0


def transpiration_of_permeance(
    *, permeance_m_s: float, area_m2_kg: float, temperature_c: float
) -> float:
    r"""Transpiration coefficient (mg/kg/s/MPa) of a skin of known permeance.

    .. math:: K_t = \frac{P\,A/m}{R_v T}

    Papers on skins drive the flow by a difference of concentration, handbooks by one of pressure;
    between them stands the gas law, and so a temperature. A coefficient measured at 22 °C is 8 %
    too low at 0 °C.

    Parameters
    ----------
    permeance_m_s : float
        ``P`` (m/s).
    area_m2_kg : float
        Surface per mass, ``A/m`` (m²/kg).
    temperature_c : float
        Temperature at the surface (°C).

    References
    ----------
    T. Athoo, A. Winkler, M. Knoche (2015). Pedicel transpiration in sweet cherry fruit: mechanisms,
    pathways, and factors. Journal of the American Society for Horticultural Science 140(2),
    136-143. doi:10.21273/JASHS.140.2.136. Fruit: 2.1e-4 m/s at 22 °C.

    Examples
    --------
    >>> at_22 = transpiration_of_permeance(
    ...     permeance_m_s=2.1e-4, area_m2_kg=0.235, temperature_c=22.0
    ... )
    >>> round(at_22, -1)
    360.0
    """
    if not (permeance_m_s > 0 and area_m2_kg > 0):
        raise ValueError("a permeance and a surface per mass are above 0")
    kelvin = temperature_c + ZERO_CELSIUS_K
    return 1e12 * permeance_m_s * area_m2_kg / (GAS_CONSTANT_OF_VAPOUR_J_KG_K * kelvin)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterLoss(AdditiveLimit):
    r"""Share of weight lost as water; too much of it and the goods are limp.

    .. math:: m' = K_t\, f \max(0,\, e_s(T_{pulp}) - RH\, e_s(T_{air}))

    Condensation counts as nothing lost, never as a gain; :func:`condenses` tells of it.

    Parameters
    ----------
    transpiration_mg_kg_s_mpa : float
        ``Kt`` of the bare goods (mg/kg/s/MPa).
    max_loss_share : float
        Share of weight (kg/kg) at which the goods are no longer acceptable, 0-1.
    barrier_factor : float
        ``f``: what a liner or box lets through, 1 for bare goods.
    domain_min_c, domain_max_c : float
        Temperatures of the goods between which the law holds (°C).
    name : str
        What reaches its limit.

    References
    ----------
    S.K. Sastry, C.D. Baird, D.E. Buffington (1978). Transpiration rates of certain fruits and
    vegetables. ASHRAE Transactions 84(1), 237-254.

    Examples
    --------
    Bare sweet cherries lose 2.1 % of their weight a day at 22 °C and 75 %:

    >>> cherry = WaterLoss(
    ...     transpiration_mg_kg_s_mpa=360.0,
    ...     max_loss_share=0.03,
    ...     domain_min_c=-1.5,
    ...     domain_max_c=30.0,
    ... )
    >>> round(100 * cherry.share_per_d(22.0, relative_humidity_pct=75.0), 1)
    2.1
    >>> round(cherry.keeping_quality_h(22.0, relative_humidity_pct=75.0))
    35
    """

    transpiration_mg_kg_s_mpa: float
    max_loss_share: float
    barrier_factor: float = 1.0
    domain_min_c: float
    domain_max_c: float
    name: str = "water loss"

    def __post_init__(self) -> None:
        if not 0 < self.transpiration_mg_kg_s_mpa < math.inf:
            raise ValueError(
                f"a transpiration coefficient is above 0, not {self.transpiration_mg_kg_s_mpa}"
            )
        if not 0 < self.max_loss_share < 1:
            raise ValueError(f"a share of weight lies between 0 and 1, not {self.max_loss_share}")
        if not 0 < self.barrier_factor <= 1:
            raise ValueError(
                f"a barrier lets through a share above 0 and up to 1, not {self.barrier_factor}"
            )
        require_ends(self.domain_min_c, self.domain_max_c)

    def rate_per_h(
        self,
        pulp_c: Number,
        *,
        air_c: Number | None = None,
        relative_humidity_pct: Number | None = None,
    ) -> Number:
        return (
            self.share_per_d(pulp_c, air_c=air_c, relative_humidity_pct=relative_humidity_pct)
            / 24.0
            / self.max_loss_share
        )

    def share_per_d(
        self,
        pulp_c: Number,
        *,
        air_c: Number | None = None,
        relative_humidity_pct: Number | None = None,
    ) -> Number:
        """Share of weight (kg/kg) lost in a day; without ``air_c`` air as warm as the goods.

        Raises
        ------
        ValueError
            Without a humidity: no default is safe for it.
        OutOfDomain
            Outside ``[domain_min_c, domain_max_c]``.
        """
        require_domain(pulp_c, self.domain_min_c, self.domain_max_c)
        if relative_humidity_pct is None:
            raise ValueError(f"{self.name} needs a relative humidity")
        deficit_pa = positive_part(
            vapour_pressure_deficit_pa(
                pulp_c, pulp_c if air_c is None else air_c, relative_humidity_pct
            )
        )
        # mg/kg/s/MPa times Pa: 1e-6 for the milligrams, 1e-6 for the megapascals.
        return 86400e-12 * self.transpiration_mg_kg_s_mpa * self.barrier_factor * deficit_pa


def _require_humidity(relative_humidity_pct: Number) -> None:
    try:
        require_domain(relative_humidity_pct, 0.0, 100.0)
    except ValueError:
        raise ValueError("a relative humidity lies between 0 and 100 %") from None
