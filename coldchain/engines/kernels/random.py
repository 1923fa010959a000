"""Random numbers from a state the caller keeps: SplitMix64.

References
----------
Steele, G. L.; Lea, D.; Flood, C. H. (2014). Fast splittable pseudorandom number generators.
OOPSLA 2014, 453-472.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldchain.engines.kernels.compiler import inner

State = NDArray[np.uint64]
"""One word."""


def state_of(seed: int, stream: int) -> State:
    """The beginning of one of many streams."""
    return (
        np.random.SeedSequence((seed, stream)).generate_state(1, dtype=np.uint64).astype(np.uint64)
    )


@inner
def uniform(state: State) -> float:
    """A number in [0, 1)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z: Any = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return float(z >> np.uint64(11)) * 1.1102230246251565e-16


@inner
def below(state: State, n: int) -> int:
    """A whole number in [0, n)."""
    return int(uniform(state) * n)
