"""What goods cost and have emitted by the time they are there, as a page shows it."""

from __future__ import annotations

from collections.abc import Iterator

from coldchain.exporters.facts import Summary

TITLE = "Landed cost – value and everything invoiced – and CO2e from well to wheel, per net kg"


def columns(summary: Summary) -> list[tuple[str, str]]:
    """Headers and layouts of the table."""
    shown = [
        ("id", "left"),
        ("value", "right"),
        ("invoiced", "right"),
        ("of it duty", "right"),
        ("VAT", "right"),
        ("landed USD", "right"),
        ("USD/kg", "right"),
    ]
    if summary.reporting_currency != "USD":
        shown.append((f"{summary.reporting_currency}/kg", "right"))
    return [*shown, ("kg CO2e", "right"), ("kg/kg", "right")]


def cells(summary: Summary) -> Iterator[tuple[str, ...]]:
    """A row for each consignment that travels."""
    foreign = summary.reporting_currency != "USD"
    for j in summary.journeys:
        per_kg = j.landed_usd / j.net_kg
        yield (
            j.consignment,
            f"{j.value_usd:,.0f}",
            f"{j.landed_usd - j.value_usd:,.0f}",
            f"{j.duty_usd:,.0f}",
            f"{j.vat_usd:,.0f}",
            f"{j.landed_usd:,.0f}",
            f"{per_kg:.2f}",
            *([f"{per_kg * summary.units_per_usd:.2f}"] if foreign else []),
            f"{j.co2e_kg:,.0f}",
            f"{j.co2e_kg / j.net_kg:.2f}",
        )


def in_all(summary: Summary) -> list[str]:
    """Both added up, a sentence each."""
    net_kg = sum(j.net_kg for j in summary.journeys)
    landed = sum(j.landed_usd for j in summary.journeys)
    vat = sum(j.vat_usd for j in summary.journeys)
    if summary.reporting_currency == "USD":
        money = f"{landed:,.0f} USD"
    else:
        foreign = landed * summary.units_per_usd
        money = f"{landed:,.0f} USD ({foreign:,.0f} {summary.reporting_currency})"
    recoverable = f"; VAT, {vat:,.0f} USD of it, may be recoverable" if vat else ""
    emitted = summary.emissions
    total_kg = emitted.total_kg
    parts = f"{emitted.transport_kg:,.0f} of haulage, {emitted.genset_kg:,.0f} of gensets"
    return [
        f"Landed in all: {money}, {landed / net_kg:.2f} USD/kg{recoverable}.",
        f"CO2e in all: {total_kg:,.0f} kg, {total_kg / net_kg:.2f} kg per kg of goods: {parts}.",
    ]
