"""What is written on drawn documents: names that are made up, goods, and words of forms."""

from __future__ import annotations

from random import Random
from typing import Final

PLACES: Final = (
    "Elmford",
    "Harrowby",
    "Tolwick",
    "Brenmoor",
    "Castlow",
    "Dunmere",
    "Eastcombe",
    "Fernley",
    "Garsdon",
    "Holtby",
    "Inglow",
    "Kelmarsh",
    "Larkside",
    "Merrow",
    "Netherby",
    "Oakridge",
    "Penwick",
    "Redmire",
    "Stanwell",
    "Thornby",
    "Uplow",
    "Wexcombe",
    "Yarford",
    "Zelham",
)
GOODS: Final = (
    "Honey",
    "Bread",
    "Milk",
    "Apples",
    "Cheese",
    "Rice",
    "Coffee",
    "Butter",
    "Pasta",
    "Olives",
    "Juice",
    "Soap",
    "Candles",
    "Paper",
    "Pears",
    "Flour",
    "Salt",
    "Tea",
)
_SHOP_NAMES: Final = (
    "Maple",
    "Harbour",
    "Corner",
    "Station",
    "Lantern",
    "Mill",
    "Orchard",
    "Bridge",
    "Garden",
    "River",
    "Market",
    "Castle",
)
_SHOP_KINDS: Final = ("Bakery", "Books", "Grocery", "Pharmacy", "Toys", "Flowers", "Hardware")
_FIRST_NAMES: Final = (
    "Ada",
    "Ben",
    "Clara",
    "David",
    "Emma",
    "Felix",
    "Grace",
    "Hugo",
    "Ida",
    "Jonas",
    "Karin",
    "Leo",
    "Mara",
    "Nils",
    "Olga",
    "Paul",
)
_LAST_NAMES: Final = (
    "Berger",
    "Carter",
    "Dalton",
    "Egede",
    "Fisher",
    "Granger",
    "Hansen",
    "Ivers",
    "Jansen",
    "Keller",
    "Lindt",
    "Morgan",
    "Novak",
    "Ostrom",
    "Palmer",
    "Quist",
    "Rossi",
    "Sander",
    "Turner",
    "Vogel",
)
_CODE_LETTERS: Final = "ABCDEFGHKLMNPRTUVWXY"
"""Without those that look like digits."""


def draw_shops(random: Random, count: int) -> tuple[str, ...]:
    """Names of shops, of which no two begin alike."""
    names = random.sample(_SHOP_NAMES, count)
    return tuple(f"{name} {random.choice(_SHOP_KINDS)}" for name in names)


def draw_people(random: Random, count: int) -> tuple[str, ...]:
    """First and last names, of which no two end alike."""
    names = random.sample(_LAST_NAMES, count)
    return tuple(f"{random.choice(_FIRST_NAMES)} {name}" for name in names)


def draw_codes(random: Random, count: int) -> tuple[str, ...]:
    """Two letters and four digits, `KD-4071`; no two have the same digits."""
    numbers = random.sample(range(1000, 10_000), count)
    return tuple(f"{''.join(random.choices(_CODE_LETTERS, k=2))}-{number}" for number in numbers)


def in_cents(amount: str) -> int:
    """12.40 as 1240."""
    return int(amount.replace(".", ""))


def from_cents(cents: int) -> str:
    """1240 as 12.40."""
    return f"{cents // 100}.{cents % 100:02d}"
