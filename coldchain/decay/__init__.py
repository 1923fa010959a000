"""Laws of freshness: what time and temperature leave of perishable goods.

Physics only: floats in, floats out, no freight. A *response* says how much faster a process runs
when it is warmer; a *limit* is an attribute that can end a life, and how much of it an hour uses;
:class:`FirstLimit` is the rule that the first one reached decides.

===================== ==============================================================
module                answers
===================== ==============================================================
`exposure`            What did the goods go through?
`responses`           How much faster is it at this temperature?
`square_root`         The same, of microbes.
`parallel`            The same, of several processes in one attribute.
`kinetics`            What is left of the attribute itself?
`keeping_quality`     How long does quality last, and how much of it is used?
`laws`                Which law does a table mean by its name?
`chilling`            How much cold is too much?
`pulp`                How warm are the goods themselves?
`atmosphere`          What does a sealed liner do for life?
`water`               How much weight is lost to the air?
`stems`               When are the stems brown?
`microbial`           When has growth spoilt it?
`limits`              Which limit is reached first?
`population`          How many of many are still good?
`kinetic_temperature` What is the history worth as one temperature?
`histories`           The same for a million histories at once.
===================== ==============================================================
"""

from coldchain.decay.atmosphere import ModifiedAtmosphere, life_factor
from coldchain.decay.chilling import ChillingBand, ChillingDose
from coldchain.decay.exposure import Exposure
from coldchain.decay.histories import life_used_along
from coldchain.decay.keeping_quality import ArrheniusKeepingQuality, KeepingQuality
from coldchain.decay.kinetic_temperature import mean_kinetic_temperature_c
from coldchain.decay.kinetics import FirstOrder, Kinetics, Logistic, MichaelisMenten, ZeroOrder
from coldchain.decay.laws import (
    DECAY_LAWS,
    exponential_keeping_quality,
    piecewise_q10_keeping_quality,
    square_root_keeping_quality,
)
from coldchain.decay.limits import AdditiveLimit, DecayLaw, FirstLimit, Limit
from coldchain.decay.microbial import MicrobialGrowth
from coldchain.decay.parallel import ParallelResponse, response_with_optimum
from coldchain.decay.population import WeibullPopulation
from coldchain.decay.pulp import (
    Pallet,
    SelfHeating,
    Surroundings,
    Trace,
    half_cooling_h,
    merged,
    respiration_heat_w_t,
    seven_eighths_cooling_h,
)
from coldchain.decay.responses import (
    TYPICAL_Q10,
    ArrheniusResponse,
    ExponentialResponse,
    PiecewiseQ10Response,
    Response,
    activation_energy_of,
    q10_of,
)
from coldchain.decay.square_root import RatkowskyResponse, SquareRootResponse
from coldchain.decay.stems import StemBrowning
from coldchain.decay.temperatures import GAS_CONSTANT_J_MOL_K, ZERO_CELSIUS_K, require_domain
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
    "FirstOrder",
    "KeepingQuality",
    "Kinetics",
    "Limit",
    "Logistic",
    "MichaelisMenten",
    "MicrobialGrowth",
    "ModifiedAtmosphere",
    "Pallet",
    "ParallelResponse",
    "PiecewiseQ10Response",
    "RatkowskyResponse",
    "Response",
    "SelfHeating",
    "SquareRootResponse",
    "StemBrowning",
    "Surroundings",
    "Trace",
    "WaterLoss",
    "WeibullPopulation",
    "ZeroOrder",
    "activation_energy_of",
    "condenses",
    "exponential_keeping_quality",
    "half_cooling_h",
    "life_factor",
    "life_used_along",
    "mean_kinetic_temperature_c",
    "merged",
    "piecewise_q10_keeping_quality",
    "q10_of",
    "require_domain",
    "respiration_heat_w_t",
    "response_with_optimum",
    "saturation_vapour_pressure_pa",
    "seven_eighths_cooling_h",
    "square_root_keeping_quality",
    "transpiration_of_permeance",
    "vapour_pressure_deficit_pa",
]
