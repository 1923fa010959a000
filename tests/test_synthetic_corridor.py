"""The synthetic corridor of the benchmarks: it reads, and its itineraries are what it promises."""

import runpy
from pathlib import Path

from coldchain.candidates import enumerate_itineraries
from coldchain.tables import read_scenario

CHECKOUT = Path(__file__).resolve().parent.parent
CORRIDOR = runpy.run_path(str(CHECKOUT / "benchmarks" / "synthetic_scenario.py"))


def test_every_itinerary_is_a_van_a_box_and_a_truck_and_nobody_waits_at_the_packhouse(
    tmp_path: Path,
):
    given = read_scenario(CORRIDOR["write"](12, 3, tmp_path, max_detour=0.6))
    candidates = enumerate_itineraries(given)
    assert not candidates.refusals
    for row in range(len(candidates)):
        van, box, truck = (rated.ride for rated, _ in candidates.chain(row))
        consignment = given.consignments[int(candidates.consignment[row])]
        assert [r.services[0].equipment for r in (van, box, truck)] == ["VAN", "BOX", "TRUCK"]
        assert van.stuffed == int(consignment.ready_at.timestamp()) // 60
        assert 0 <= box.stuffed - van.handed_over - 360 <= 168 * 60
        assert 0 <= truck.stuffed - box.handed_over - 360 <= 48 * 60


def test_the_same_size_is_drawn_alike():
    _, lots = CORRIDOR["draw"](3, 30)
    _, again = CORRIDOR["draw"](3, 30)
    assert lots == again
    assert len({(lot.origin, lot.day, lot.destination) for lot in lots}) == 3
