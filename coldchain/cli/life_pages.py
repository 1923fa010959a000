"""The tables of ``coldchain life``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.console import RenderableType
from rich.text import Text

from coldchain.cli.life_options import Asked
from coldchain.exporters.life_account import LifeAccount, percentiles
from coldchain.exporters.page import plain, table
from coldchain.goods import Packaging, Perishable
from coldchain.lots import Fate
from coldchain.tables.logger_file import LoggerRecord

PACKED = {
    Packaging.NAKED: "in open cartons",
    Packaging.LINER: "in liners",
    Packaging.MAP: "in MAP liners",
}

SHOWN = 5
"""Gaps, and stretches too warm, that are named."""


def heading(
    account: LifeAccount, asked: Asked, record: LoggerRecord | None
) -> Iterator[RenderableType]:
    """What the goods are, how the history was read, and what was assumed."""
    goods = account.goods
    hours = float(account.steps.hours.sum())
    yield plain(
        f"{goods.name}, {PACKED[asked.packaging]}: {hours / 24:.1f} days, "
        f"setpoint {_range(goods)} °C",
        "bold",
    )
    if record is None:
        yield plain("Temperatures are taken as those of the pulp, not of the air or the setpoint.")
    else:
        yield plain(
            f"{record.file}: {len(record):,} readings from {record.starts:%Y-%m-%d %H:%M} to "
            f"{record.moment(len(record) - 1):%Y-%m-%d %H:%M}, usually every "
            f"{60 * record.interval_h:.3g} min; taken as pulp temperatures."
        )
        yield plain(f"Read as: {'; '.join(record.notes)}.")
        yield from _gaps(record)
    damp = goods.humidity_min_pct if asked.humidity_pct is None else asked.humidity_pct
    read = record is not None and record.humidity_pct is not None
    if damp is not None and not read and "water loss" in account.used:
        where = " where no leg states one" if record is None else ""
        why = "the least it is kept at" if asked.humidity_pct is None else "as asked"
        yield plain(f"Humidity {damp:g} %{where}: {why}.")


def _gaps(record: LoggerRecord) -> Iterator[RenderableType]:
    gaps = record.gaps
    if not gaps:
        return
    total = sum(gap.hours for gap in gaps)
    yield plain(
        f"{_many(len(gaps), 'gap')}, {total:.1f} h ({record.gap_share:.1%} of the time), each "
        "counted wholly at the worse of the two readings beside it:"
    )
    for gap in gaps[:SHOWN]:
        yield plain(
            f"  {gap.hours:.1f} h after {gap.starts:%Y-%m-%d %H:%M} (row {gap.from_row}), "
            f"{gap.before_c:.1f} to {gap.after_c:.1f} °C"
        )
    if len(gaps) > SHOWN:
        yield plain(f"  … and {len(gaps) - SHOWN:,} more")


def _range(goods: Perishable) -> str:
    return f"{goods.setpoint_min_c:g} to {goods.setpoint_max_c:g}"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def leg_by_leg(account: LifeAccount, legs: Sequence[str]) -> Iterator[RenderableType]:
    """A row for each leg that was typed."""
    steps, goods = account.steps, account.goods
    yield table(
        "Leg by leg, of a typical lot",
        (
            ("leg", "left"),
            ("hours", "right"),
            ("pulp °C", "right"),
            (f"days at {goods.life_ref_c:g} °C", "right"),
            *((name, "right") for name in account.used),
            ("life used so far", "right"),
        ),
        (
            (
                token,
                f"{steps.hours[i]:g}",
                f"{steps.pulp_c[i]:g}{' warm' if steps.pulp_c[i] > goods.setpoint_max_c else ''}",
                f"{account.equivalent_d[i]:.2f}",
                *(f"{used[i]:.1%}" for used in account.used.values()),
                f"{account.life_used[i]:.1%}",
            )
            for i, token in enumerate(legs)
        ),
    )


def day_by_day(account: LifeAccount, record: LoggerRecord) -> Iterator[RenderableType]:
    """A row for each day on the logger's clock, and the warmest stretches."""
    steps, goods = account.steps, account.goods
    clock = record.starts.hour + record.starts.minute / 60 + record.starts.second / 3600
    days = np.floor((record.hours + clock) / 24 + 1e-9).astype(int)
    places = [np.flatnonzero(days == day) for day in np.unique(days)]
    yield table(
        "Day by day, of a typical lot",
        (
            ("day", "left"),
            ("hours", "right"),
            ("least °C", "right"),
            ("mean", "right"),
            ("most", "right"),
            (f"days at {goods.life_ref_c:g} °C", "right"),
            *((name, "right") for name in account.used),
            ("life used so far", "right"),
        ),
        (
            (
                f"{record.moment(int(at[0])):%Y-%m-%d}",
                f"{steps.hours[at].sum():.1f}",
                _tenths(steps.pulp_c[at].min()),
                _tenths(np.average(steps.pulp_c[at], weights=steps.hours[at] + 1e-12)),
                _tenths(steps.pulp_c[at].max()),
                f"{account.equivalent_d[at].sum():.2f}",
                *(f"{used[at].sum():.1%}" for used in account.used.values()),
                f"{account.life_used[at[-1]]:.1%}",
            )
            for at in places
        ),
    )
    stretches = _warm_stretches(account)
    if stretches:
        yield Text()
        yield table(
            f"Warmer than {goods.setpoint_max_c:g} °C: {account.warm_h:.1f} h"
            + (f"; the {SHOWN} dearest of {len(stretches)}" if len(stretches) > SHOWN else ""),
            (
                ("from", "left"),
                ("to", "left"),
                ("hours", "right"),
                ("most °C", "right"),
                (f"days at {goods.life_ref_c:g} °C", "right"),
            ),
            (
                (
                    f"{record.moment(int(at[0])):%Y-%m-%d %H:%M}",
                    f"{record.moment(int(at[-1])):%Y-%m-%d %H:%M}",
                    f"{steps.hours[at].sum():.1f}",
                    _tenths(steps.pulp_c[at].max()),
                    f"{account.equivalent_d[at].sum():.2f}",
                )
                for at in stretches[:SHOWN]
            ),
        )


def _warm_stretches(account: LifeAccount) -> list[NDArray[np.intp]]:
    """Places of the steps of each warm stretch, the dearest first."""
    warm = np.flatnonzero(account.steps.pulp_c > account.goods.setpoint_max_c)
    if not len(warm):
        return []
    parts = np.split(warm, np.flatnonzero(np.diff(warm) > 1) + 1)
    return sorted(parts, key=lambda at: -float(account.equivalent_d[at].sum()))


def answer(account: LifeAccount, asked: Asked) -> Iterator[RenderableType]:
    """Life used and left, with and without the warm hours."""
    fate, cool = account.fate, account.cool
    yield table(
        f"Of {len(fate.life_used)} lots",
        (("", "words"), ("p10", "right"), ("p50", "right"), ("p90", "right")),
        (
            ("life used", *(f"{x:.1%}" for x in percentiles(fate.life_used))),
            (f"days left at {account.retail_c:g} °C", *_left(fate)),
            ("the same without the warm hours", *_left(cool)),
            ("days the warm hours cost", *(_tenths(x) for x in account.cost_d)),
        ),
    )
    if min(percentiles(fate.left_h)) < 0:
        yield plain("Days below 0: for how long the life has been over.")
    share = f"{asked.confidence:.0%} of lots"
    left = fate.left_at(asked.confidence) / 24
    yield plain(
        f"{share} have at least {left:.1f} days left at {account.retail_c:g} °C."
        if left > 0
        else f"Fewer than {share} have anything left at {account.retail_c:g} °C."
    )
    yield plain(f"What ends the life of a typical lot first: {fate.limited_by}.")
    if account.ended_h is not None:
        yield plain(f"A typical lot was at its end after {account.ended_h / 24:.1f} days.")
    most, least = account.goods.setpoint_max_c, account.goods.setpoint_min_c
    yield plain(
        f"Warm hours: {account.warm_h:.1f} h above {most:g} °C; without them: spent at {most:g} °C."
        if account.warm_h
        else f"No hour was warmer than {most:g} °C."
    )
    if account.cold_h:
        yield plain(f"Cold hours: {account.cold_h:.1f} h below {least:g} °C.")
    energy = account.goods.activation_energy_kj_mol
    yield plain(
        f"Mean kinetic temperature: none, as no activation energy of {account.goods.code} is known."
        if account.mean_kinetic_c is None
        else f"Mean kinetic temperature {account.mean_kinetic_c:.2f} °C, with the goods' own "
        f"activation energy of {energy:g} kJ/mol."
    )


def _left(fate: Fate) -> Iterator[str]:
    """Days left; a minus says for how long the life is over."""
    return (_tenths(x / 24) for x in percentiles(fate.left_h))


def _tenths(number: float) -> str:
    """With one digit, and no minus before a nought."""
    return f"{round(float(number), 1) + 0.0:.1f}"
