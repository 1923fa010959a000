"""How kernels are compiled, and where numba's lack of types is hidden from the type checker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba  # pyright: ignore[reportMissingTypeStubs]

Function = TypeVar("Function", bound=Callable[..., Any])


def inner(function: Function) -> Function:
    """Compile a function that only other kernels call: it needs no way in from Python."""
    jit = cast(Any, numba).njit(
        cache=True,
        nogil=True,
        error_model="numpy",
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
    )
    return cast(Function, jit(function))


def compiled(function: Function) -> Function:
    """Compile at the first call, once for each machine and user: later runs load it from disk."""
    jit = cast(Any, numba).njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
    return cast(Function, jit(function))
