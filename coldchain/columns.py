"""The columns of every table: one schema from which the reader, its errors and the docs come.

A column that is not ``required`` may be left blank in a row, or left out of the file altogether.
``python -m coldchain.exporters`` prints ``docs/columns.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a cell is written."""

    ID = "id"
    TEXT = "text"
    CODE = "code"
    """Text of a fixed shape, given by ``pattern``."""
    NUMBER = "number"
    INTEGER = "whole number"
    CHOICE = "choice"
    YES_NO = "yes/no"
    DATE = "date"
    LOCAL = "local time"
    """A moment on the clock of a node, unless it carries an offset."""
    TIMES = "times"
    HOURS = "opening hours"
    DAYS = "weekdays"
    SEASON = "season"
    ZONE = "time zone"
    EQUIPMENT = "equipment"
    """Kinds of load unit as they ride, ``;`` between them."""
    IDS = "list of ids"
    """In scenario files only."""
    KEYS = "list of keys"
    NUMBERS = "list of numbers"
    """In scenario files only."""
    CHOICES = "list of choices"
    """In scenario files only."""


WRITTEN: Mapping[Kind, str] = {
    Kind.ID: "letters, digits, `.`, `_` and `-`, at most 64, beginning with a letter or digit",
    Kind.TEXT: "any text on one line",
    Kind.CODE: "",
    Kind.NUMBER: "digits and a decimal point: `1400`, `-0.5`",
    Kind.INTEGER: "digits: `1400`",
    Kind.CHOICE: "",
    Kind.YES_NO: "`yes` or `no`",
    Kind.DATE: "`2027-05-24`",
    Kind.LOCAL: "`2027-05-24T06:30`; with an offset (`2027-05-24T06:30+05:00`) on that clock",
    Kind.TIMES: "`08:00` or `06:00;18:00`",
    Kind.HOURS: "`24h` or `08:00-17:00`",
    Kind.DAYS: "ISO weekdays, Monday is 1: `1-7`, `1-5` or `2;5`",
    Kind.SEASON: "`all` or, first and last day included, `05-01..11-30`",
    Kind.ZONE: "IANA name: `Asia/Dushanbe`",
    Kind.EQUIPMENT: "`any`, or kinds of load unit with `;` between them: `FEU_C;FEU_R`",
    Kind.IDS: '`["CN-CKG-HB"]`',
    Kind.KEYS: "ids with `;` between them: `CN-ROAD;KZ-ROAD`",
    Kind.NUMBERS: "`[0.0, 1.0]`",
    Kind.CHOICES: '`["existing", "occasional"]`',
}
"""How each kind is written; choices and codes say it themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: what may stand in it and what it means.

    ``minimum`` and ``maximum`` are both allowed values. ``refers_to`` names the table whose key
    the cell must be. ``pattern_words`` puts ``pattern`` in words.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    required: bool = True
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    pattern_words: str = ""
    refers_to: str = ""

    @property
    def money(self) -> bool:
        """Whether its numbers are money: of the row's currency, if it names one."""
        return self.unit == "USD" or self.unit.startswith("USD/")

    @property
    def range_words(self) -> str:
        """The range in words, empty if there is none."""
        low, high = _plain(self.minimum), _plain(self.maximum)
        unit = f" {self.unit}" if self.unit else ""
        if low and high:
            return f"from {low} to {high}{unit}"
        if low:
            return f"at least {low}{unit}"
        return f"at most {high}{unit}" if high else ""


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:.12g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One CSV file: ``key`` is its first column, whose values are all different.

    An ``optional`` file may be left out of a folder of tables.
    """

    name: str
    file: str
    meaning: str
    columns: tuple[Column, ...]
    optional: bool = False

    @property
    def key(self) -> str:
        return self.columns[0].name

    def column(self, name: str) -> Column:
        """The column called ``name``."""
        return next(c for c in self.columns if c.name == name)


def _id(name: str, meaning: str, **rest: str) -> Column:
    return Column(name=name, kind=Kind.ID, meaning=meaning, refers_to=rest.get("refers_to", ""))


def _ids(name: str, meaning: str, refers_to: str) -> Column:
    return Column(name=name, kind=Kind.KEYS, meaning=meaning, required=False, refers_to=refers_to)


def _text(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name=name, kind=Kind.TEXT, meaning=meaning, required=required)


def _code(name: str, meaning: str, pattern: str, words: str, *, required: bool = True) -> Column:
    return Column(
        name=name,
        kind=Kind.CODE,
        meaning=meaning,
        pattern=pattern,
        pattern_words=words,
        required=required,
    )


def _choice(name: str, meaning: str, *allowed: str) -> Column:
    return Column(name=name, kind=Kind.CHOICE, meaning=meaning, allowed=allowed)


def _plainly(name: str, kind: Kind, meaning: str, *, required: bool = True) -> Column:
    return Column(name=name, kind=kind, meaning=meaning, required=required)


def _number(
    name: str,
    unit: str,
    low: float,
    high: float,
    meaning: str,
    *,
    required: bool = True,
    kind: Kind = Kind.NUMBER,
) -> Column:
    return Column(
        name=name,
        kind=kind,
        meaning=meaning,
        unit=unit,
        minimum=low,
        maximum=high,
        required=required,
    )


def _whole(
    name: str, unit: str, low: int, high: int, meaning: str, *, required: bool = True
) -> Column:
    return _number(name, unit, low, high, meaning, required=required, kind=Kind.INTEGER)


def _spread(stem: str, high: float, meaning: str) -> tuple[Column, ...]:
    return tuple(
        _number(f"{stem}_p{share}", "h", 0, high, f"{meaning}: {share} in 100 take no longer")
        for share in (10, 50, 90)
    )


SOURCE = _text("source", "where the row comes from; an estimate says so", required=True)
GRADE = _choice(
    "confidence",
    "A measured or official, B published, C background knowledge, D estimate or invented",
    *"ABCD",
)
NOTE = _text("note", "anything a reader should know")
CURRENCY = _code(
    "currency",
    "what the money of this row is in, converted to USD when read; blank: USD",
    r"[A-Z]{3}",
    "three capital letters",
    required=False,
)


def _window(name: str, meaning: str) -> Column:
    """Least and most share of a gas, in one cell."""
    share = r"(100|[0-9]{1,2}(\.[0-9]+)?)"
    words = "least and most, in percent: `3-10`"
    return _code(name, meaning, f"{share}-{share}", words, required=False)


EQUIPMENT = Table(
    name="equipment",
    file="equipment.csv",
    meaning="Kinds of load unit.",
    columns=(
        _id("equipment", "kind of load unit, as services name it"),
        _text("name", "name in English", required=True),
        _text("name_zh", "name in Chinese"),
        _code("iso_size_type", "ISO 6346 size-type code", r"[A-Z0-9]{4}", "`45R1`", required=False),
        SOURCE,
        GRADE,
    ),
)

NODES = Table(
    name="nodes",
    file="nodes.csv",
    meaning="Places: packhouses, terminals, border stations, airports, hubs and cities.",
    columns=(
        _id("node_id", "the place, as all other tables name it"),
        _text("name", "name in English", required=True),
        _text("name_zh", "name in Chinese"),
        _code("country", "ISO 3166 country", r"[A-Z]{2}", "two capital letters"),
        _code("unlocode", "UN/LOCODE", r"[A-Z]{2}[A-Z2-9]{3}", "`CNCKG`", required=False),
        _text("unlocode_basis", "how the UN/LOCODE was found"),
        _number("lat", "degrees", -90, 90, "latitude, north positive"),
        _number("lon", "degrees", -180, 180, "longitude, east positive"),
        _choice(
            "node_type",
            "what kind of place",
            *("packhouse", "rail_terminal", "airport", "border_rail", "border_road"),
            *("road_junction", "hub", "city"),
        ),
        _plainly("timezone", Kind.ZONE, "whose clock opening hours and timetables are read on"),
        _code(
            "gauge_mm",
            "track gauges, the nearer one first",
            r"(1435|1520|1000)(\|(1435|1520|1000))*",
            "`1520` or `1520|1435`",
            required=False,
        ),
        _code("iata", "airport code", r"[A-Z]{3}", "three capital letters", required=False),
        _plainly("cross_dock", Kind.YES_NO, "whether goods may change units here"),
        _text("role", "what the place is for"),
        _plainly(
            "open_season",
            Kind.SEASON,
            "days of the year the place works; on others nothing begins there and nothing departs",
        ),
        _text("fruit_import_site", "whether fruit may enter China here, as far as known"),
        SOURCE,
        GRADE,
    ),
)

STATUS = ("existing", "existing_unverified", "occasional", "charter", "plausible", "proposed")

ROUTES = Table(
    name="routes",
    file="routes.csv",
    meaning="Services: one row for each bookable offer between two places, one way.",
    columns=(
        _id("service_id", "the service"),
        _id("from_node", "where it leaves", refers_to="nodes"),
        _id("to_node", "where it arrives", refers_to="nodes"),
        _choice("mode", "how it moves", "rail", "road", "air"),
        _id("equipment", "the load unit it carries", refers_to="equipment"),
        _text("service_name", "what it is", required=True),
        _text("carrier", "who runs it, where that is known"),
        _choice(
            "service_type",
            "how it is offered; on_demand and charter leave when asked to, all others by timetable",
            *("on_demand", "charter", "scheduled_block_train", "through_block_train"),
            *("scheduled_flight", "wagonload", "cross_border_shunt"),
        ),
        _choice("status", "whether it exists; a scenario says which it reckons with", *STATUS),
        _number("distance_km", "km", 0.1, 20000, "distance travelled"),
        _text("distance_basis", "how the distance was found"),
        _number("great_circle_km", "km", 0, 20040, "distance as the crow flies"),
        *_spread("transit_h", 2000, "departure to arrival"),
        _number(
            "departures_per_week",
            "per week",
            0,
            1e6,
            "as published; told, not planned with",
            required=False,
        ),
        _plainly("departure_days_iso", Kind.DAYS, "days it runs, on the clock of from_node"),
        _plainly(
            "departure_times_local",
            Kind.TIMES,
            "times it leaves; blank where it leaves on demand",
            required=False,
        ),
        _whole("every_n_weeks", "weeks", 1, 52, "1 every week, 2 every other week"),
        _plainly(
            "first_departure",
            Kind.DATE,
            "day of the first run, from which weeks are counted",
            required=False,
        ),
        _number("cutoff_h", "h", 0, 168, "how long before departure the unit must be there"),
        _whole(
            "capacity_units",
            "units",
            1,
            1_000_000,
            "slots of a departure; on demand: units a day; by air: kg",
        ),
        _choice("capacity_unit", "what capacity counts", "FEU", "truck", "kg"),
        _whole(
            "payload_kg_per_unit", "kg", 1, 40000, "goods a unit may carry; 1 if sold by the kg"
        ),
        _whole("pallets_per_unit", "pallets", 1, 60, "blank if sold by the kg", required=False),
        _number("linehaul_usd_per_unit", "USD", 0, 100000, "freight of a unit", required=False),
        _number("linehaul_usd_per_kg", "USD/kg", 0, 100, "freight of a gross kg", required=False),
        _number(
            "charter_usd_per_departure",
            "USD",
            0,
            10_000_000,
            "price of a departure whole, beside its slots: it runs only if this is paid; "
            "blank: it runs anyway",
            required=False,
        ),
        _whole(
            "min_paid_slots",
            "units",
            0,
            1_000_000,
            "slots of a departure paid at least if it runs, used or not; by air: kg; blank: none",
            required=False,
        ),
        _number(
            "linehaul_usd_per_unit_h",
            "USD/h",
            0,
            10000,
            "freight of a unit for each hour of transit, beside linehaul_usd_per_unit",
            required=False,
        ),
        _number("reefer_usd_per_unit_h", "USD/h", 0, 1000, "lease of a unit, diesel apart"),
        _number(
            "genset_l_per_unit_h",
            "l/h",
            0,
            50,
            "diesel its genset burns, at diesel_usd_per_l; blank: none that is charged",
            required=False,
        ),
        _number(
            "detention_usd_per_unit_h",
            "USD/h",
            0,
            1000,
            "detention: a unit kept waiting after this leg, once its free hours are over",
            required=False,
        ),
        _number("detention_free_h", "h", 0, 1000, "free hours of each such wait", required=False),
        CURRENCY,
        _number(
            "temperature_c",
            "°C",
            -30,
            40,
            "what the goods ride at where no setpoint is kept",
            required=False,
        ),
        _plainly("border_included", Kind.YES_NO, "whether border work is part of the service"),
        _number("ef_gco2e_per_tkm_wtw", "g CO2e/tkm", 0, 5000, "emissions, well to wheel"),
        _number("reefer_uplift_frac", "share", 0, 2, "added to it for cooling"),
        _number("genset_kgco2e_per_unit_h", "kg CO2e/h", 0, 100, "emissions of a unit's genset"),
        _plainly("season", Kind.SEASON, "days of the year it runs"),
        _ids(
            "closed_on", "calendars on whose holidays, at from_node, it does not leave", "calendars"
        ),
        _ids(
            "passes",
            "nodes a through service goes by without calling there; while one is shut it is not "
            "under way",
            "nodes",
        ),
        SOURCE,
        GRADE,
        NOTE,
        Column(
            name="enters_at",
            kind=Kind.ID,
            meaning="where it enters the country of to_node, if it comes from another; blank: "
            "at to_node",
            refers_to="nodes",
            required=False,
        ),
    ),
)

CATEGORY = "fruit|vegetable|meat|dairy|ambient"

TREATMENT = r"[a-z0-9_.]{1,40}"
TREATMENT_WORDS = "small letters, digits, `.` and `_`, as in `cold_18d_0.56`"

OPERATIONS = Table(
    name="operations",
    file="operations.csv",
    meaning="What is done to goods or units at a place, in the order of the rows.",
    columns=(
        _id("op_id", "the operation"),
        _id(
            "node_id",
            "where; `any`: at every cross-dock that lists none of its own, unless it lists an "
            "operation with this trigger",
            refers_to="nodes",
        ),
        _code("op_code", "short name", r"[A-Z0-9_]{1,24}", "capital letters, digits and `_`"),
        _text("op_name", "what is done", required=True),
        _choice(
            "trigger",
            "what makes it happen",
            *("origin", "origin_equipment", "in_transit", "arrive", "transfer", "destination"),
            *("goods_storage", "unit_storage"),
        ),
        _code(
            "from_country",
            "only for arrivals from this country",
            r"any|[A-Z]{2}",
            "`any` or two capital letters",
        ),
        _plainly("equipment_in", Kind.EQUIPMENT, "only for units that come as this"),
        _plainly(
            "equipment_out", Kind.EQUIPMENT, "only for units that go on as this", required=False
        ),
        Column(
            name="done_to",
            kind=Kind.CODE,
            meaning="categories of goods it is done to, at origin and destination; blank: to all",
            pattern=rf"({CATEGORY})(;({CATEGORY}))*",
            pattern_words="categories of perishables with `;` between them: `fruit;vegetable`",
            required=False,
        ),
        Column(
            name="treatment",
            kind=Kind.CODE,
            meaning="quarantine treatment this is: done only to consignments that ask for it",
            pattern=TREATMENT,
            pattern_words=TREATMENT_WORDS,
            required=False,
        ),
        _plainly("opens_unit", Kind.YES_NO, "whether the unit is opened"),
        _choice("charge", "the book it goes to", "handling", "border", "storage", "reefer"),
        *_spread("hours", 2000, "time it takes"),
        _number(
            "exposed_h", "h", 0, 2000, "of these, in other air than the unit's", required=False
        ),
        _number("exposed_c", "°C", -40, 50, "what it is like out there", required=False),
        _number(
            "exposed_rh_pct",
            "%",
            0,
            100,
            "relative humidity out there; blank: as in the unit",
            required=False,
        ),
        _number(
            "warming_per_h",
            "1/h",
            0.0001,
            1,
            "the unit stays shut without power: its air closes this share of the difference to "
            "exposed_c per hour; blank: opened, or its goods unloaded",
            required=False,
        ),
        _number(
            "half_cooling_h",
            "h",
            0.01,
            1000,
            "how fast the goods follow the air meanwhile, at the origin; blank: as a pallet does",
            required=False,
        ),
        _number("cost_usd_per_unit", "USD", 0, 100000, "price of a unit", required=False),
        _text("unit", "what unit that price is for"),
        _number("cost_usd_per_kg", "USD/kg", 0, 100, "price of a gross kg", required=False),
        _number(
            "cost_usd_per_t_day",
            "USD/t/day",
            0,
            1000,
            "price of storage, by gross t",
            required=False,
        ),
        _number(
            "cost_usd_per_unit_day",
            "USD/day",
            0,
            10000,
            "price of unit_storage, by the sealed unit: a plug, demurrage",
            required=False,
        ),
        _number(
            "free_h",
            "h",
            0,
            10000,
            "storage is charged for the time of a stay beyond these hours",
            required=False,
        ),
        CURRENCY,
        _plainly("open_hours_local", Kind.HOURS, "when it may begin, on the clock of the node"),
        _plainly("open_days_iso", Kind.DAYS, "days on which it may begin"),
        _whole(
            "capacity_units_per_day",
            "units",
            0,
            1_000_000,
            "sealed units on which it may begin on one local day (arrive, sealed transfer); "
            "blank: any number",
            required=False,
        ),
        _number("probability", "share", 0, 1, "how often it happens at all"),
        _ids("closed_on", "calendars on whose holidays it does not begin", "calendars"),
        SOURCE,
        GRADE,
        NOTE,
    ),
)

CALENDARS = Table(
    name="calendars",
    file="calendars.csv",
    meaning="Holidays that places observe: one row for each rule; days come from the PyPI library "
    "`holidays`. The file may be left out; then nobody observes any.",
    columns=(
        _id("rule_id", "the rule"),
        _id("calendar_id", "the calendar it belongs to, as `closed_on` names it"),
        _code(
            "country", "ISO 3166 country whose holiday it is", r"[A-Z]{2}", "two capital letters"
        ),
        _text(
            "holiday",
            "English name of a public holiday in `holidays`, without `(estimated)` and "
            "`(observed)`; `all` for every one; or a day of every year, `05-09`",
            required=True,
        ),
        _whole(
            "first_days",
            "d",
            1,
            31,
            "of consecutive days of that holiday only so many are observed; blank: all",
            required=False,
        ),
        _plainly(
            "observed",
            Kind.YES_NO,
            "whether days off in lieu, marked `(observed)`, are holidays too",
        ),
        SOURCE,
        GRADE,
        NOTE,
    ),
    optional=True,
)

COUNTRIES = Table(
    name="countries",
    file="countries.csv",
    meaning="What countries ask of vehicles that only pass. The file may be left out; then none "
    "asks anything.",
    columns=(
        _code("country", "ISO 3166 code", r"[A-Z]{2}", "two capital letters"),
        _number(
            "transit_limit_h",
            "h",
            1,
            10_000,
            "longest stay of a sealed unit that comes and goes by road",
        ),
        SOURCE,
        GRADE,
        NOTE,
    ),
    optional=True,
)

PERISHABLES = Table(
    name="perishables",
    file="perishables.csv",
    meaning="Commodities: the law by which they age, what they stand, and what they do to others.",
    columns=(
        _id("commodity_id", "the commodity, as consignments name it"),
        _text("name", "name in English", required=True),
        _text("name_zh", "name in Chinese"),
        _text("name_ru", "name in Russian"),
        _code("hs6", "Harmonized System subheading", r"[0-9]{6}", "six digits: `080929`"),
        _choice("category", "kind", "fruit", "vegetable", "dairy", "meat", "ambient"),
        _choice(
            "decay_law",
            "law of decay planned with; the columns of the other law are left blank",
            *("arrhenius", "square_root"),
        ),
        _number(
            "domain_min_c",
            "°C",
            -30,
            60,
            "coldest the law holds for: at least 0.3 K above freezing, and no colder than "
            "chill_threshold_c where no chill_dose_k_d is known",
        ),
        _number("domain_max_c", "°C", -30, 60, "warmest the law holds for"),
        _text("decay_model", "what the literature uses"),
        _text("limiting_attribute", "what ends the life"),
        _number("temp_opt_min_c", "°C", -30, 30, "coldest setpoint, at least 0.5 K above freezing"),
        _number("temp_opt_max_c", "°C", -30, 30, "warmest setpoint"),
        _number("rh_opt_min_pct", "%", 0, 100, "driest air", required=False),
        _number("rh_opt_max_pct", "%", 0, 100, "moistest air", required=False),
        _number("freezing_point_c", "°C", -30, 5, "below it the goods freeze", required=False),
        _number("chill_threshold_c", "°C", -5, 30, "below it chilling injury", required=False),
        _number("chill_zone_min_c", "°C", -5, 30, "zone of chilling injury, from", required=False),
        _number("chill_zone_max_c", "°C", -5, 30, "zone of chilling injury, to", required=False),
        _number(
            "chill_dose_k_d",
            "K·d",
            0.01,
            1000,
            "kelvin below chill_threshold_c times days that injure; blank: not known",
            required=False,
        ),
        _number(
            "chill_zone_limit_d",
            "d",
            0.01,
            365,
            "days in the zone that injure; blank: not known",
            required=False,
        ),
        _text("chill_sensitivity", "how sensitive to chilling"),
        _number("life_ref_temp_c", "°C", -30, 30, "temperature the life is stated at"),
        _number(
            "life_min_days",
            "d",
            0.1,
            3650,
            "life, of one lot in 20 shorter; blank: as if lots varied by 25 %",
            required=False,
        ),
        _number("life_typ_days", "d", 0.1, 3650, "life, of one lot in two shorter"),
        _number(
            "life_max_days",
            "d",
            0.1,
            3650,
            "life, of one lot in 20 longer; blank: as if lots varied by 25 %",
            required=False,
        ),
        _number(
            "ea_resp_kj_mol",
            "kJ/mol",
            0,
            300,
            "of the outermost published respirations; a trace, in no law",
            required=False,
        ),
        _number(
            "ea_coldtivate_kj_mol", "kJ/mol", 0, 300, "of Coldtivate, in no law", required=False
        ),
        _number(
            "ea_default_kj_mol",
            "kJ/mol",
            30,
            130,
            "activation energy of the law arrhenius; blank: 65 (50 to 80) for fruit and vegetables",
            required=False,
        ),
        *(
            _number(f"ea_{name}_kj_mol", "kJ/mol", 30, 130, f"the same, {name}est", required=False)
            for name in ("low", "high")
        ),
        _number("tmin_sqrt_c", "°C", -30, 10, "Tmin of the law square_root", required=False),
        *(
            _number(
                f"resp_{at}c_mgco2_kg_h",
                "mg CO2/kg/h",
                0.1,
                2000,
                f"respiration at {at} °C",
                required=False,
            )
            for at in (0, 5, 10, 15, 20)
        ),
        _text(
            "resp_source",
            "where respiration comes from; F found there, B background knowledge, E estimate",
        ),
        _code(
            "ethylene_production",
            "ethylene made",
            r"none|(VL|L|M|H|VH)(-(VL|L|M|H|VH))?",
            "none, VL, L, M, H, VH or a range such as `M-H`",
            required=False,
        ),
        _code(
            "ethylene_sensitivity",
            "sensitivity to ethylene; X: reacts to parts per billion",
            r"none|X|(L|M|H)(-(L|M|H))?",
            "none, L, M, H, X or a range such as `M-H`",
            required=False,
        ),
        _text("odour_emits", "smell given off"),
        _text("odour_absorbs", "smell taken up"),
        _text(
            "compat_group_mcgregor",
            "groups of McGregor (1989); blank: of fresh goods by temperature and humidity",
        ),
        _text("compat_group_mrr1070", "groups of USDA MRR 1070"),
        _text("so2_or_special", "SO2 pads and other special needs"),
        _window("ca_o2_pct", "oxygen in controlled atmosphere"),
        _window("ca_co2_pct", "carbon dioxide in controlled atmosphere"),
        *(
            _number(f"map_life_factor_{name}", "", 1, 5, meaning, required=False)
            for name, meaning in (
                ("low", "what a modified-atmosphere liner makes of the life, low"),
                ("typ", "the same, planned with; blank: no such packing"),
                ("high", "the same, high"),
            )
        ),
        _number("water_pct", "%", 0, 100, "water content", required=False),
        _number(
            "cp_kj_kg_k",
            "kJ/kg/K",
            0.5,
            5,
            "specific heat; blank: by water_pct, if that is at least 50 (Siebel)",
            required=False,
        ),
        _number(
            "transp_coef_mg_kg_s_mpa",
            "mg/kg/s/MPa",
            0.1,
            10000,
            "transpiration; of Sastry (1978), not checked, unless the notes say otherwise",
            required=False,
        ),
        _number(
            "max_weight_loss_pct", "%", 0.1, 99, "weight loss that still sells", required=False
        ),
        _number(
            "reg_max_temp_c", "°C", -30, 30, "warmest the law of the land allows", required=False
        ),
        SOURCE,
        _choice("confidence", "how sure the numbers are", "high", "medium", "low"),
        _text("notes", "anything a reader should know"),
    ),
)

PACKAGING = Table(
    name="packaging",
    file="packaging.csv",
    meaning="Ways of packing goods for the journey: what they do to them and what they cost.",
    columns=(
        _choice("packaging_id", "the packaging, as consignments name it", "naked", "liner", "map"),
        _text("name", "name in English", required=True),
        _text("name_zh", "name in Chinese"),
        _choice(
            "life_factor",
            "by what it multiplies life: the commodity's map_life_factor, or 1",
            *("commodity", "1"),
        ),
        _number(
            "water_loss_factor", "", 0, 1, "share of the water lost that bare goods would lose"
        ),
        _number(
            "max_c",
            "°C",
            -30,
            40,
            "pulp warmer than this has nothing of the life factor; blank: no such limit",
            required=False,
        ),
        _number("usd_per_kg", "USD/kg", 0, 100, "price of packing a gross kg so"),
        _number(
            "outer_half_cooling_h",
            "h",
            0.01,
            1000,
            "the outer half of a pallet follows the air; blank, both: the pulp is as its air",
            required=False,
        ),
        _number(
            "core_half_cooling_h",
            "h",
            0.01,
            1000,
            "the core of a pallet follows its outer half",
            required=False,
        ),
        CURRENCY,
        SOURCE,
        GRADE,
        NOTE,
    ),
)

ENTRY_RULES = Table(
    name="entry_rules",
    file="entry_rules.csv",
    meaning="Who may enter which country where: the first row that fits decides; where none fits, "
    "no regime is known and goods pass. The file may be absent.",
    columns=(
        _id("rule_id", "the rule"),
        _id("commodity", "a commodity, a category such as fruit, or any"),
        _code(
            "from_country",
            "country the consignment starts in",
            r"any|[A-Z]{2}",
            "`any` or two capital letters",
        ),
        _code("to_country", "country entered", r"[A-Z]{2}", "two capital letters"),
        _id("entry_node", "node it is entered at, or any"),
        _choice(
            "permission",
            "whether such goods may enter there; unconfirmed: nothing found says so",
            *("allowed", "unconfirmed", "refused"),
        ),
        Column(
            name="treatment",
            kind=Kind.CODE,
            meaning="quarantine treatments of which they must undergo one; blank: none needed",
            pattern=rf"{TREATMENT}(;{TREATMENT})*",
            pattern_words="names of treatments with `;` between them: `mb_2h;cold_origin_18d`",
            required=False,
        ),
        SOURCE,
        GRADE,
        NOTE,
    ),
    optional=True,
)

PRICED = (
    _number("diesel_usd_per_l", "USD/l", 0, 100, "diesel that gensets burn", required=False),
    _number("insurance_pct", "%", 0, 100, "cargo insurance, of the value", required=False),
    _number(
        "carbon_usd_per_t",
        "USD/t",
        0,
        100000,
        "what a tonne of CO2e weighs in the choice; nobody bills it",
        required=False,
    ),
)
"""Prices that hold for everything: rows of prices.csv, and keys of a scenario."""

PRICES = Table(
    name="prices",
    file="prices.csv",
    meaning="Prices that hold for everything, unless a scenario's `[prices]` state another. "
    "Without a row insurance and carbon cost nothing; diesel that is burnt must have its price.",
    columns=(
        _choice("price_id", "the price", *(c.name for c in PRICED)),
        _number("value", "", 0, 1e6, "how much"),
        _choice("unit", "of what; that of the price", *(c.unit for c in PRICED)),
        SOURCE,
        GRADE,
        NOTE,
    ),
    optional=True,
)

CURRENCIES = Table(
    name="currencies",
    file="currencies.csv",
    meaning="Rates of exchange, unless a scenario's `[currency.per_usd]` states another.",
    columns=(
        _code("currency", "ISO 4217 currency", r"[A-Z]{3}", "three capital letters"),
        _number("per_usd", "", 1e-6, 1e9, "units of it that a USD buys"),
        _plainly("date", Kind.DATE, "day or first day of the time the rate is of"),
        SOURCE,
        GRADE,
        NOTE,
    ),
    optional=True,
)

HS = r"any|HS [0-9]{2}|HS [0-9]{4}(\.[0-9]{1,2})?"
COUNTRY_LIST = r"any|[A-Z]{2}(;[A-Z]{2})*"
COUNTRY_LIST_WORDS = "`any`, or countries with `;` between them: `KZ;KG`"

DUTIES = Table(
    name="duties",
    file="duties.csv",
    meaning="Duty and VAT on goods that end in another country than they start in: the first row "
    "that fits. Goods for which none fits are a fault; without the file neither is charged.",
    columns=(
        _id("duty_id", "the row"),
        _code(
            "hs",
            "how the Harmonized System code of the goods begins",
            HS,
            "`any`, `HS 08`, `HS 0809` or `HS 0809.29`",
        ),
        _code("from_country", "where the goods start", COUNTRY_LIST, COUNTRY_LIST_WORDS),
        _code("to_country", "where they end", COUNTRY_LIST, COUNTRY_LIST_WORDS),
        _number("duty_pct", "%", 0, 1000, "customs duty, of the value of the goods"),
        _number("vat_pct", "%", 0, 100, "value added tax, of the value and the duty"),
        SOURCE,
        GRADE,
        NOTE,
    ),
    optional=True,
)

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"

CONSIGNMENTS = Table(
    name="consignments",
    file="scenarios/<name>-consignments.csv",
    meaning="What is to be carried: one row for each consignment.",
    columns=(
        _id("consignment_id", "the consignment"),
        _id("commodity", "what it is", refers_to="perishables"),
        _id("origin", "where it is made ready", refers_to="nodes"),
        _id("destination", "where it is wanted", refers_to="nodes"),
        _whole("net_kg", "kg", 1, 1_000_000, "the goods"),
        _whole("gross_kg", "kg", 1, 1_200_000, "the goods with their packing"),
        _whole("pallets", "pallets", 1, 2000, "pallets they stand on"),
        _plainly("ready_local", Kind.LOCAL, "when they are there, before packing; clock of origin"),
        _plainly("due_local", Kind.LOCAL, "when they must be unloaded; clock of destination"),
        _number("shelf_life_required_d", "d", 0, 365, "life at retail_c still wanted on delivery"),
        _number("retail_c", "°C", -30, 40, "temperature in the shop"),
        _number("life_used_at_ready", "share", 0, 0.99, "life already used when ready"),
        _number("value_usd_per_kg", "USD/kg", 0, 1000, "value of a net kg"),
        _choice(
            "packaging",
            "how packed, a key of packaging; any: whichever serves the plan best",
            *("naked", "liner", "map", "any"),
        ),
        _number(
            "pulp_at_ready_c",
            "°C",
            -30,
            50,
            "temperature inside the goods when ready; blank: that of what is first done to them",
            required=False,
        ),
        Column(
            name="treatment",
            kind=Kind.CODE,
            meaning="quarantine treatment the goods must undergo, as operations name it",
            pattern=TREATMENT,
            pattern_words=TREATMENT_WORDS,
            required=False,
        ),
        Column(
            name="via",
            kind=Kind.CODE,
            meaning="nodes of which the goods must be opened at one, or start or end there; "
            "blank: those of the scenario",
            pattern=rf"none|{NAME}(;{NAME})*",
            pattern_words="`none` (free to bypass), or nodes with `;` between them",
            required=False,
        ),
        _text("shipper", "who sends"),
        _text("consignee", "who receives"),
        NOTE,
        SOURCE,
        GRADE,
    ),
)

LIVES = Table(
    name="lives",
    file="<name>.csv",
    meaning="Lives measured at several temperatures, given to `coldchain fit`: one row for each.",
    columns=(
        _text("life_id", "a name of its own, where the measurement has one"),
        _number("temperature_c", "°C", -30, 60, "temperature of the goods, all the time"),
        _number("shelf_life_d", "d", 0.01, 3650, "life until it was over, or the trial was"),
        _number(
            "life_sd_d",
            "d",
            0.0001,
            3650,
            "standard deviation of that life among lots; blank with no life_cv: 20 %",
            required=False,
        ),
        _number("life_cv", "share", 0.01, 1, "the same as a share of the life", required=False),
        _plainly(
            "censored",
            Kind.YES_NO,
            "whether the life was longer: the trial ended first; blank: no",
            required=False,
        ),
        _text("source", "where the row comes from"),
    ),
)
"""Read by ``coldchain fit`` alone: it belongs to no scenario."""


def _tonnes(of: str) -> tuple[Column, ...]:
    """Columns of a weekly quantity: low, typical, high."""
    return tuple(
        _number(f"t_per_week_{name}", "t/week", 0.1, 10_000, f"{of} in {words}")
        for name, words in (
            ("low", "a poor week"),
            ("typical", "a usual week"),
            ("high", "a good week"),
        )
    )


SUPPLY = Table(
    name="supply",
    file="supply.csv",
    meaning="What each origin offers for export, week by week: scenarios are drawn from it.",
    columns=(
        _id("supply_id", "the offer"),
        _id("origin", "where it is made ready", refers_to="nodes"),
        _id("commodity", "what it is", refers_to="perishables"),
        _plainly("season", Kind.SEASON, "first and last day it is offered"),
        _plainly(
            "peak",
            Kind.SEASON,
            "days, within the season, with all of the quantity: before and after it rises and "
            "falls evenly; blank: all season",
            required=False,
        ),
        *_tonnes("net goods offered"),
        _number("farm_gate_usd_per_kg", "USD/kg", 0, 1000, "price at the farm; told, not drawn"),
        _number("gross_per_net", "", 1, 2, "gross kg of a net kg"),
        _number("life_used_at_ready_low", "share", 0, 0.99, "life already used when ready, least"),
        _number("life_used_at_ready_high", "share", 0, 0.99, "the same, most"),
        _plainly("ready_days_iso", Kind.DAYS, "days on which lots are made ready"),
        _plainly("ready_times_local", Kind.TIMES, "times of those days, on the clock of origin"),
        _text("shipper", "who sends", required=True),
        SOURCE,
        GRADE,
        NOTE,
    ),
)

DEMAND = Table(
    name="demand",
    file="demand.csv",
    meaning="What each market takes of a commodity, week by week, how soon and at what price.",
    columns=(
        _id("demand_id", "the market's wish"),
        _id("destination", "where it is wanted", refers_to="nodes"),
        _id("commodity", "what it is", refers_to="perishables"),
        *_tonnes("net goods taken"),
        _number("lot_t_min", "t", 0.1, 1000, "smallest consignment"),
        _number("lot_t_max", "t", 0.1, 1000, "largest consignment"),
        _number("wholesale_usd_per_kg", "USD/kg", 0, 1000, "price paid for a net kg"),
        _number("shelf_life_required_d", "d", 0, 365, "life at retail_c still wanted on delivery"),
        _number("retail_c", "°C", -30, 40, "temperature in the shop"),
        _whole("due_days_min", "d", 1, 365, "days after it is ready when it is wanted, least"),
        _whole("due_days_max", "d", 1, 365, "the same, most"),
        _choice("packaging", "how it is wanted packed", "naked", "liner", "map", "any"),
        _text("consignee", "who receives", required=True),
        SOURCE,
        GRADE,
        NOTE,
    ),
)

MARKETS: tuple[Table, ...] = (SUPPLY, DEMAND)
"""Read by what draws consignments alone: they belong to no scenario."""

TABLES: Mapping[str, Table] = {
    t.name: t
    for t in (
        *(NODES, ROUTES, OPERATIONS, CALENDARS, COUNTRIES),
        *(PERISHABLES, PACKAGING, EQUIPMENT, ENTRY_RULES),
        *(PRICES, CURRENCIES, DUTIES),
        CONSIGNMENTS,
    )
}
"""Tables that are read, by name."""

SCENARIO: Mapping[str, tuple[Column, ...]] = {
    "": (
        _id("name", "the scenario, as the file is called"),
        _text("title", "what it is about, in a line", required=True),
        _plainly("season_date", Kind.DATE, "first day of the week planned"),
        _text("consignments", "CSV file of the consignments, beside this one", required=True),
        _whole("seed", "", 0, 2**31 - 1, "seed of everything drawn at random"),
        _text(
            "extends",
            "scenario whose keys hold where this file states none: a bundled name, or a file "
            "beside this one that ends in .toml",
        ),
    ),
    "planning": (
        _number("quantile", "", 0.01, 0.99, "transit and operations are read at this quantile"),
        _number("confidence", "", 0.01, 0.99, "share of lots that must arrive fresh enough"),
        _number("setpoints_c", "°C", -30, 30, "setpoints a unit may get", kind=Kind.NUMBERS),
        _number(
            "max_dwell_h", "h", 0, 1000, "longest wait in a store, or sealed for a later train"
        ),
        _number("max_dwell_without_store_h", "h", 0, 1000, "longest wait where there is none"),
        _whole("max_cross_docks", "", 0, 10, "how often goods may change units"),
        _number(
            "max_detour", "", 0, 100, "dearer than the cheapest itinerary by this share at most"
        ),
        Column(
            name="service_status",
            kind=Kind.CHOICES,
            meaning="services reckoned with, by their status",
            allowed=STATUS,
        ),
        Column(
            name="packagings",
            kind=Kind.CHOICES,
            meaning="what consignments of packaging `any` may be packed in; absent: whatever suits",
            allowed=("naked", "liner", "map"),
            required=False,
        ),
        Column(
            name="unconfirmed",
            kind=Kind.CHOICE,
            meaning="what becomes of entries that entry_rules call unconfirmed: strict refuses "
            "them, assume plans with them and says so wherever goods are listed; absent: strict",
            allowed=("strict", "assume"),
            required=False,
        ),
        Column(
            name="via",
            kind=Kind.IDS,
            meaning="nodes of which all goods must be opened at one, or start or end there; "
            "absent: they go as suits best",
            refers_to="nodes",
            required=False,
        ),
    ),
    "prices": (
        _number("unserved_usd_per_kg", "USD/kg", 0, 10000, "a net kg left behind"),
        _number("freshness_usd_per_kg_d", "USD/kg/d", 0, 1000, "a day of shop life of a net kg"),
        *PRICED,
    ),
    "currency": (
        _code("reporting", "shown beside USD", r"[A-Z]{3}", "three capital letters"),
        _text("per_usd", "a table: units of a currency for one USD, in place of currencies.csv"),
    ),
    "parties": (),
    "data": (_text("folder", "folder with all tables but the consignments, beside this file"),),
}
"""Keys of a scenario file by section; ``parties`` takes any key. It and ``data`` may be absent."""

OVERRIDES: tuple[Column, ...] = (
    _text(
        "set", "a statement such as `close KZ-NZH-BX 2027-05-24`, or a list of them", required=True
    ),
    _text("why", "why the world is taken to be so; a plan repeats it", required=True),
    _text("source", "where that comes from"),
)
"""Keys of each ``[[overrides]]`` of a scenario file."""


def _cell_words(column: Column) -> str:
    words = WRITTEN[column.kind] or column.pattern_words
    if column.allowed:
        words = ", ".join(f"`{a}`" for a in column.allowed)
    if column.kind is Kind.KEYS:
        words = f"{words}, of {column.refers_to}"
    elif column.refers_to:
        words = f"a key of {column.refers_to}"
    limits = column.range_words
    if limits:
        words = f"{column.kind.value} {limits}"
    return words.replace("|", "\\|")


def _rows(columns: tuple[Column, ...]) -> Iterator[str]:
    yield "| column | unit | needed | written | meaning |"
    yield "|---|---|---|---|---|"
    for c in columns:
        needed = "yes" if c.required else "no"
        meaning = c.meaning.replace("|", "\\|")
        yield f"| `{c.name}` | {c.unit} | {needed} | {_cell_words(c)} | {meaning} |"


def columns_markdown(written: Iterable[Table] = ()) -> str:
    """The text of ``docs/columns.md``; ``written`` are the tables that exporters write."""
    lines = [
        "# Columns of the tables",
        "",
        "Made by `python -m coldchain.exporters > docs/columns.md`; edit `coldchain/columns.py`",
        "(tables read) and `coldchain/exporters` (tables written).",
        "",
        "Tables are CSV files in UTF-8 (or UTF-16 with a byte order mark), separated by commas,",
        "semicolons or tabs, with exactly these names in the first line, in any order. A column",
        "that is not needed may be blank or left out. Numbers have a decimal point and no",
        "thousands separator.",
        "",
    ]
    for table in (*TABLES.values(), LIVES, *MARKETS):
        lines += [f"## {table.name}: `{table.file}`", "", table.meaning, "", *_rows(table.columns)]
        lines.append("")
    lines += ["## Scenario files: `scenarios/<name>.toml`", ""]
    for section, columns in SCENARIO.items():
        lines += [f"### `[{section}]`" if section else "### Top of the file", ""]
        lines += list(_rows(columns)) if columns else ["Names of the parties, free text."]
        lines.append("")
    lines += [
        "### `[[overrides]]`",
        "",
        "As many as there are changes; how statements are written is told in",
        "[change a scenario](how-to/change-a-scenario.md).",
        "",
        *_rows(OVERRIDES),
        "",
    ]
    for table in written:
        lines += [f"## Written: `{table.file}`", "", table.meaning, "", *_rows(table.columns), ""]
    return "\n".join(lines).rstrip() + "\n"
