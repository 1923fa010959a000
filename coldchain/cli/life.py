"""``coldchain life``: what a journey does to the life of goods, typed in or read from a logger."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.text import Text

from coldchain.cli.exits import Exit
from coldchain.cli.life_options import Asked, LoggerOptions, refused
from coldchain.cli.life_pages import PACKED, answer, day_by_day, heading, leg_by_leg
from coldchain.cli.screen import print_json, print_tables, say
from coldchain.errors import DataError, Fault
from coldchain.exporters.life_account import LifeAccount, Steps, account_of, percentiles
from coldchain.exporters.life_plot import LifePicture, check_ending, write_plot
from coldchain.goods import Packaging
from coldchain.lots import Lots
from coldchain.tables import read_scenario
from coldchain.tables.journey_legs import read_legs
from coldchain.tables.logger_file import LoggerRecord, read_logger
from coldchain.tables.loggers.faults import Faults


def show_life(
    asked: Asked,
    legs: Sequence[str],
    *,
    logger: LoggerOptions | None,
    plot: Path | None,
    as_json: bool,
) -> Exit:
    """Show life used step by step, what is left, and what the warm hours cost."""
    read_legs(legs)  # a mistyped option is told of first
    if bool(legs) == (logger is not None):
        words = "either legs such as 10h@2 or --logger FILE" + (", not both" if legs else "")
        raise refused("LEG", " ".join(legs), words)
    if plot is not None:
        check_ending(plot)
    lots = _lots(asked)
    if logger is None:
        account, record = _of_legs(lots, asked, legs), None
    else:
        account, record = _of_logger(lots, asked, logger)
    if as_json:
        print_json(_document(account, record, asked, legs))
    else:
        first = leg_by_leg(account, legs) if record is None else day_by_day(account, record)
        print_tables(
            *heading(account, asked, record), Text(), *first, Text(), *answer(account, asked)
        )
    if plot is not None:
        say(f"wrote {write_plot(_picture(account, record, asked), plot)}")
    return Exit.DONE


# ---------------------------------------------------------------- what was asked


def _lots(asked: Asked) -> Lots:
    given = read_scenario(asked.scenario, overrides=asked.changes)
    goods = given.perishable(asked.commodity)
    terms = given.packaging.get(asked.packaging)
    if terms is None:
        known = ", ".join(given.packaging)
        raise refused("--packaging", asked.packaging.value, f"one that the scenario has: {known}")
    if asked.packaging is Packaging.MAP and goods.map_life_factor is None:
        words = f"another packaging: nothing is known of {goods.code} in MAP liners"
        raise refused("--packaging", asked.packaging.value, words)
    lots = Lots(goods, terms, seed=given.seed)
    low, high = _domain(lots)
    if not low <= asked.retail_c <= high:
        raise refused("--retail-c", f"{asked.retail_c:g}", _domain_words(lots))
    return lots


def _domain(lots: Lots) -> tuple[float, float]:
    return lots.typical.domain_min_c, lots.typical.domain_max_c


def _domain_words(lots: Lots) -> str:
    low, high = _domain(lots)
    return f"{low:g} to {high:g} °C, where what is known of {lots.goods.code} holds"


def _of_legs(lots: Lots, asked: Asked, legs: Sequence[str]) -> LifeAccount:
    history = read_legs(legs)
    low, high = _domain(lots)
    faults = [
        Fault(file=f"LEG {number}", row=0, column="", value=token, expected=_domain_words(lots))
        for number, (token, leg) in enumerate(zip(legs, history, strict=True), start=1)
        if not low <= leg.temperature_c <= high
    ]
    if faults:
        raise DataError(faults)
    return _account(lots, asked, Steps.of(history))


def _of_logger(lots: Lots, asked: Asked, logger: LoggerOptions) -> tuple[LifeAccount, LoggerRecord]:
    low, high = _domain(lots)
    record = read_logger(
        logger.path,
        unit=logger.unit,
        date_order=logger.date_order,
        column=logger.column,
        humidity=logger.humidity,
        allow_gaps=logger.allow_gaps,
        typical_c=(low, high),
    ).between(logger.begins, logger.ends)
    faults = Faults(record.file)
    outside = (record.temperature_c < low) | (record.temperature_c > high)
    for place in np.flatnonzero(outside):
        faults.blame(
            int(record.rows[place]),
            "",
            f"{record.temperature_c[place]:.1f} °C",
            f"{_domain_words(lots)}; --from and --until leave out what was not the journey",
        )
    faults.check()
    accounts = [
        _account(
            lots,
            asked,
            Steps(
                hours=record.weights_h(bridge_colder=colder),
                pulp_c=record.temperature_c,
                humidity_pct=np.full(len(record), np.nan)
                if record.humidity_pct is None
                else record.humidity_pct,
            ),
        )
        for colder in ((False, True) if record.gaps else (False,))
    ]
    # Chilling goes on in the cold, ageing in the warm: a gap counts as the worse of the two.
    return max(accounts, key=lambda account: account.fate.used_by(0.5)), record


def _account(lots: Lots, asked: Asked, steps: Steps) -> LifeAccount:
    return account_of(
        lots,
        steps,
        life_used_before=asked.life_used_before,
        retail_c=asked.retail_c,
        humidity_pct=asked.humidity_pct,
    )


# ---------------------------------------------------------------- for programs, and drawn


def _document(
    account: LifeAccount, record: LoggerRecord | None, asked: Asked, legs: Sequence[str]
) -> dict[str, Any]:
    steps = account.steps
    document: dict[str, Any] = {
        "commodity": account.goods.code,
        "packaging": str(asked.packaging),
        "hours": float(steps.hours.sum()),
        "retail_c": account.retail_c,
        "lots": len(account.fate.life_used),
        "life_used": _three(account.fate.life_used),
        "left_d": _three(account.fate.left_h / 24),
        "left_d_at_confidence": account.fate.left_at(asked.confidence) / 24,
        "confidence": asked.confidence,
        "limited_by": account.fate.limited_by,
        "warm_h": account.warm_h,
        "cold_h": account.cold_h,
        "without_warm_hours": {
            "life_used": _three(account.cool.life_used),
            "left_d": _three(account.cool.left_h / 24),
        },
        "warm_hours_cost_d": dict(zip(("p10", "p50", "p90"), account.cost_d, strict=True)),
        "typical_lot_ended_h": account.ended_h,
        "mean_kinetic_temperature_c": account.mean_kinetic_c,
        "typical_lot": {name: float(account.so_far(name)[-1]) for name in account.used},
    }
    if record is None:
        document["legs"] = [
            {
                "leg": token,
                "hours": float(steps.hours[i]),
                "pulp_c": float(steps.pulp_c[i]),
                "equivalent_d": float(account.equivalent_d[i]),
                "used": {name: float(used[i]) for name, used in account.used.items()},
                "life_used_so_far": float(account.life_used[i]),
            }
            for i, token in enumerate(legs)
        ]
    else:
        document["logger"] = {
            "file": record.file,
            "readings": len(record),
            "starts": record.starts.isoformat(),
            "interval_h": record.interval_h,
            "notes": list(record.notes),
            "gaps": [
                {"starts": gap.starts.isoformat(), "hours": gap.hours, "after_row": gap.from_row}
                for gap in record.gaps
            ],
        }
    return document


def _three(values: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, float]:
    return dict(zip(("p10", "p50", "p90"), percentiles(values), strict=True))


def _picture(account: LifeAccount, record: LoggerRecord | None, asked: Asked) -> LifePicture:
    steps, goods = account.steps, account.goods
    used = [(name, account.so_far(name)) for name in account.used]
    gaps: list[tuple[float, float]] = []
    if record is None:
        ends = np.cumsum(steps.hours)
        hours = np.column_stack([ends - steps.hours, ends]).ravel()
        temperature_c = np.repeat(steps.pulp_c, 2)
        used = [
            (name, np.column_stack([line - account.used[name], line]).ravel())
            for name, line in used
        ]
        source = "pulp temperatures as typed"
    else:
        hours, temperature_c = record.hours, record.temperature_c
        source = f"{record.file}, from {record.starts:%Y-%m-%d %H:%M}"
        gaps = [(float(record.hours[i]), float(record.hours[i + 1])) for i in record.gap_places]
    low, middle, high = percentiles(account.fate.life_used)
    left = percentiles(account.fate.left_h / 24)
    return LifePicture(
        title=f"{goods.name}, {PACKED[asked.packaging]}",
        subtitle=f"{source}; life used {middle:.0%} ({low:.0%} to {high:.0%}), left at "
        f"{account.retail_c:g} °C {left[1]:.1f} d ({left[0]:.1f} to {left[2]:.1f})",
        hours=hours,
        temperature_c=temperature_c,
        used=used,
        range_used=(low, middle, high),
        setpoint_c=(goods.setpoint_min_c, goods.setpoint_max_c),
        gaps=gaps,
    )
