"""A thermal history: stretches of time at one condition of the goods."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """A stretch of time at one product temperature.

    Parameters
    ----------
    hours : float
        How long (h), 0 or more.
    temperature_c : float
        Temperature of the goods themselves, the pulp, not of the air or the setpoint (°C).
    relative_humidity_pct : float, optional
        Humidity of the air around the goods (%); needed by laws of water loss only.
    air_c : float, optional
        Temperature of that air (°C). Not given, it is as warm as the goods.
    """

    hours: float
    temperature_c: float
    relative_humidity_pct: float | None = None
    air_c: float | None = None

    def __post_init__(self) -> None:
        if not (self.hours >= 0 and math.isfinite(self.hours)):
            raise ValueError(f"an exposure lasts 0 hours or more, not {self.hours}")
        if not math.isfinite(self.temperature_c):
            raise ValueError(f"a temperature is a finite number, not {self.temperature_c}")
        if self.air_c is not None and not math.isfinite(self.air_c):
            raise ValueError(f"a temperature is a finite number, not {self.air_c}")
        humidity = self.relative_humidity_pct
        if humidity is not None and not 0 <= humidity <= 100:
            raise ValueError(f"a relative humidity lies between 0 and 100 %, not at {humidity}")
