"""Laws of freshness: what time and temperature leave of perishable goods.

Physics only: floats in, floats out, no freight. A *response* says how much faster a process runs
when it is warmer; a *limit* is an attribute that can end a life, and how much of it an hour uses;
:class:`FirstLimit` is the rule that the first one reached decides.

===================== ==============================================================
module                answers
===================== ==============================================================
`exposure`            What did the goods go through?
`responses`           How much faster is it at this temperature?
`keeping_quality`     How long does quality last, and how much of it is used?
`laws`                Which law does a table mean by its name?
`chilling`            How much cold is too much?
`water`               How much weight is lost to the air?
`limits`              Which limit is reached first?
`kinetic_temperature` What is the history worth as one temperature?
===================== ==============================================================
"""

from coldchain.decay.chilling import ChillingBand, ChillingDose
from coldchain.decay.exposure import Exposure
from coldchain.decay.keeping_quality import ArrheniusKeepingQuality, KeepingQuality
from coldchain.decay.kinetic_temperature import mean_kinetic_temperature_c
from coldchain.decay.laws import (
    DECAY_LAWS,
    exponential_keeping_quality,
    piecewise_q10_keeping_quality,
    square_root_keeping_quality,
)
from coldchain.decay.limits import AdditiveLimit, DecayLaw, FirstLimit, Limit
from coldchain.decay.responses import (
    TYPICAL_Q10,
    ArrheniusResponse,
    ExponentialResponse,
    PiecewiseQ10Response,
    Response,
    SquareRootResponse,
)
from coldchain.decay.temperatures import GAS_CONSTANT_J_MOL_K, ZERO_CELSIUS_K
from coldchain.decay.water import (
    WaterLoss,
    condenses,
    saturation_vapour_pressure_pa,
    transpiration_of_permeance,
    vapour_pressure_deficit_pa,
)

__all__ = [
    "DECAY_LAWS",
    "GAS_CONSTANT_J_MOL_K",
    "TYPICAL_Q10",
    "ZERO_CELSIUS_K",
    "AdditiveLimit",
    "ArrheniusKeepingQuality",
    "ArrheniusResponse",
    "ChillingBand",
    "ChillingDose",
    "DecayLaw",
    "ExponentialResponse",
    "Exposure",
    "FirstLimit",
    "KeepingQuality",
    "Limit",
    "PiecewiseQ10Response",
    "Response",
    "SquareRootResponse",
    "WaterLoss",
    "condenses",
    "exponential_keeping_quality",
    "mean_kinetic_temperature_c",
    "piecewise_q10_keeping_quality",
    "saturation_vapour_pressure_pa",
    "square_root_keeping_quality",
    "transpiration_of_permeance",
    "vapour_pressure_deficit_pa",
]
