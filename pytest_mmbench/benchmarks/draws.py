"""What benchmarks share that are drawn from a seed: questions, ids, places of answers, settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import permutations
from random import Random
from typing import Final, Generic, TypeVar, overload

from pytest_mmbench.benchmarks.settings import BAD_ROWS
from pytest_mmbench.errors import SettingsError, near
from pytest_mmbench.images import software_identity
from pytest_mmbench.records import Picture

LETTERS: Final = ("A", "B", "C", "D")
MAX_PER_AXIS: Final = 1_000_000
_RANGES: Final = {"seed": (0, 2**63 - 1), "per-axis": (1, MAX_PER_AXIS)}
_ORDERS: Final = tuple(permutations(range(len(LETTERS))))
Scene = TypeVar("Scene")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as text, drawn before the correct option is."""

    stem: str
    options: tuple[str, ...]
    """Four different texts in the order in which they are shown."""
    about: tuple[str, ...] = ()
    """What the stem names, such as a colour, for building the scene."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis(Generic[Scene]):
    """One axis of a benchmark: its questions, and the scenes that answer them."""

    ask: Callable[[Random], Question]
    """Draws a question; any of its options can be made correct."""
    show: Callable[[Random, Question, str], Scene]
    """Draws a scene in which the answer, one of the options, is correct and the others wrong."""


class DrawnIds(Sequence[str]):
    """Ids of an axis, `counting-0000`, `counting-0001` ..., made when they are needed."""

    def __init__(self, axis: str, numbers: range) -> None:
        self._axis = axis
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        if isinstance(at, slice):
            return DrawnIds(self._axis, self._numbers[at])
        return f"{self._axis}-{self._numbers[at]:04d}"

    def __iter__(self) -> Iterator[str]:
        return (f"{self._axis}-{number:04d}" for number in self._numbers)


def digest(text: str) -> int:
    """A whole number of 128 bits: texts that differ seed numbers that have nothing in common."""
    return int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "big")


def target_place(seed: int, axis: str, number: int) -> int:
    """Which option is correct, 0 to 3.

    Every four consecutive numbers of an axis use each place once, in a seeded order.
    """
    block, place = divmod(number, len(LETTERS))
    return _ORDERS[digest(f"{seed}/{axis}/{block}/letters") % len(_ORDERS)][place]


def without(texts: Sequence[str], excluded: str) -> list[str]:
    """The texts without one of them, in their order."""
    return [text for text in texts if text != excluded]


def seed_and_size(
    benchmark: str, options: Mapping[str, object], *, others: Sequence[str] = ()
) -> dict[str, int]:
    """The options `seed` and `per-axis` of a benchmark, those that are set, by keyword.

    `others` are options that it has besides, and reads itself. Drawn samples have no bad rows,
    whatever the settings say of them.

    Raises:
        SettingsError: an option is another one, or its value is no whole number in its range.
    """
    place = f"[benchmarks.{benchmark}]"
    numbers = {name: value for name, value in options.items() if name not in (BAD_ROWS, *others)}
    for option, value in numbers.items():
        if option not in _RANGES:
            raise SettingsError(
                f"{benchmark} has no option {option!r}.",
                asked_for_by=place,
                **near(option, [*_RANGES, *others], label="options"),
            )
        low, high = _RANGES[option]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise SettingsError(
                f"{option} = {value!r} is not a whole number from {low} to {high}.",
                asked_for_by=place,
            )
    return {option.replace("-", "_"): int(str(value)) for option, value in numbers.items()}


def drawn_picture(
    benchmark: str, version: int, *, seed: int, name: str, read: Callable[[], bytes]
) -> Picture:
    """A picture that `read` draws, known by all that decides its pixels: Pillow's release too."""

    def identity() -> str:
        software = software_identity("pillow")
        return f"{benchmark}|{version}|{seed}|{name}|{software}" if software else ""

    return Picture(name=f"{benchmark}/{name}.png", read=read, identity=identity)
