"""The tables [decoding] and [benchmarks.NAME.decoding]: how requests are put and answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from pytest_mmbench.config import values
from pytest_mmbench.config.file import ConfigFile
from pytest_mmbench.config.values import Setting
from pytest_mmbench.errors import shorten
from pytest_mmbench.records import Method
from pytest_mmbench.records.generation import Decoding, Marks

TABLE: Final = "decoding"
"""Its name, alone and within the table of a benchmark, whose keys come first."""
PAIR: Final = 2
"""Texts that enclose a thought."""
COLDEST: Final = 0.001
"""Temperature at which logits still can be divided by it."""
HOTTEST: Final = 100
"""Temperature at which all that is said is noise."""
LARGEST_SEED: Final = 2**62
"""Further repeats have larger ones, and all fit into 63 bits."""
MOST_TOKENS: Final = 1_000_000
"""Of a vocabulary; none has as many."""
MOST_REPEATS: Final = 1000
"""Of a question; more say nothing more, and cost what a thousand questions do."""


def _token_limit(setting: Setting) -> int:
    limit = values.number(setting)
    if limit == 0:
        remedy = "write 1 or more, or take the line out"
        raise setting.error("max-new-tokens = 0 leaves no room for an answer.", what_to_do=remedy)
    return limit


def _system(setting: Setting) -> str:
    system = values.text(setting)
    if not system.strip():
        remedy = "write what the system says, or take the line out"
        raise setting.error("the system prompt is empty.", what_to_do=remedy)
    return system


def _stop(setting: Setting) -> tuple[str, ...]:
    texts = setting.value if isinstance(setting.value, list) else [setting.value]
    if texts and all(isinstance(text, str) and text for text in texts):
        return tuple(dict.fromkeys(texts))
    raise setting.error(
        f"stop is one text or several; {shorten(values.toml(setting.value))} is not.",
        what_to_do='write stop = ["Question:"], without an empty text',
    )


def _thoughts(setting: Setting) -> Marks:
    pairs = setting.value if isinstance(setting.value, list) else []
    pairs = pairs if all(isinstance(pair, list) for pair in pairs) else [pairs]
    for pair in pairs or [[]]:
        # What is told apart by blanks or capitals alone would be one mark.
        texts = {mark.strip().lower() for mark in pair if isinstance(mark, str)} - {""}
        if not len(pair) == len(texts) == PAIR:
            typed = shorten(values.toml(setting.value))
            raise setting.error(
                f"thoughts are enclosed by two texts; {typed} are none.",
                what_to_do='write thoughts = ["<plan>", "</plan>"], or a list of such pairs; those'
                " of known models need not be set",
            )
    return tuple((begin, end) for begin, end in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRange:
    """Reads a number that has to lie somewhere."""

    what: str
    """In words: what follows `is`."""
    remedy: str
    holds: Callable[[float], bool]
    """Whether a number lies there; NaN must not."""
    is_whole: bool = False

    def __call__(self, setting: Setting) -> float:
        """The number, as a float unless it has to be whole; a `SettingsError` if it is none."""
        value = setting.value
        kinds = (int,) if self.is_whole else (int, float, Decimal)
        if isinstance(value, kinds) and not isinstance(value, bool):
            number = value if isinstance(value, int) else float(value)
            if self.holds(number):
                return number if self.is_whole else float(number)
        problem = f"{setting.name} is {self.what}; {shorten(values.toml(value))} is not."
        raise setting.error(problem, what_to_do=self.remedy)


_TEMPERATURE: Final = NumberRange(
    what=f"0, or a number from {COLDEST} to {HOTTEST}",
    remedy="write 0.7 or the like; 0 takes the likeliest token",
    holds=lambda number: number == 0 or COLDEST <= number <= HOTTEST,
)
KEYS: Final[Mapping[str, Callable[[Setting], object]]] = {
    "max-new-tokens": _token_limit,
    "system": _system,
    "thinking": values.switch,
    "stop": _stop,
    "thoughts": _thoughts,
    "temperature": _TEMPERATURE,
    "top-p": NumberRange(
        what="a probability above 0, at most 1",
        remedy="write 0.95 or the like, or take the line out",
        holds=lambda number: 0 < number <= 1,
    ),
    "top-k": NumberRange(
        what="a whole number, 1 or more",
        remedy="write how many tokens are left, or take the line out: then all are",
        holds=lambda number: 1 <= number <= MOST_TOKENS,
        is_whole=True,
    ),
    "seed": NumberRange(
        what=f"a whole number from 0 to {LARGEST_SEED}",
        remedy="write 0 or any other of them",
        holds=lambda number: 0 <= number <= LARGEST_SEED,
        is_whole=True,
    ),
    "repeats": NumberRange(
        what=f"a whole number from 1 to {MOST_REPEATS}",
        remedy="write how often each question is asked, such as repeats = 4",
        holds=lambda number: 1 <= number <= MOST_REPEATS,
        is_whole=True,
    ),
}
SAMPLED: Final = ("top-p", "top-k", "seed", "repeats")
"""Keys that say nothing where no token is drawn."""
GENERATED: Final = ("max-new-tokens", "stop", "thoughts", "temperature", *SAMPLED)
"""Keys that say something of generated text alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingSettings:
    """What is set of one benchmark's decoding, and where."""

    common: Mapping[str, Setting] = field(default_factory=lambda: MappingProxyType({}))
    """By key, what [decoding] sets for every benchmark."""
    own: Mapping[str, Setting] = field(default_factory=lambda: MappingProxyType({}))
    """By key, what the benchmark's table sets."""

    def for_method(self, method: Method) -> Decoding:
        """What is set for a benchmark that is asked by this method.

        Raises:
            SettingsError: the benchmark's own table sets what only generated text has, or something
                is said of draws without a temperature.
        """
        generates = method is Method.GENERATE
        for key in GENERATED:
            if key in self.own and not generates:
                raise _nothing_generated(self.own[key], method)
        settings = {**self.common, **self.own}
        if generates:
            settings = self._without_idle_draws(settings)
        fields: dict[str, Any] = {
            key.replace("-", "_"): KEYS[key](setting)
            for key, setting in settings.items()
            if generates or key not in GENERATED
        }
        return Decoding(**fields)

    def _without_idle_draws(self, settings: Mapping[str, Setting]) -> dict[str, Setting]:
        """The settings, less what a benchmark's own `temperature = 0` makes meaningless.

        Raises:
            SettingsError: something is said of draws, and no token is drawn.
        """
        temperature = settings.get("temperature")
        if temperature is not None and _TEMPERATURE(temperature):
            return dict(settings)
        is_greedy_here = "temperature" in self.own
        for key in SAMPLED:
            if key not in settings or (is_greedy_here and key not in self.own):
                continue
            if (key, KEYS[key](settings[key])) != ("repeats", 1):
                same = ", so that all repeats would be the same" if key == "repeats" else ""
                raise settings[key].error(
                    f"{key} is set, and no temperature: the likeliest token is taken every"
                    f" time{same}.",
                    what_to_do="set temperature = 0.7 or the like beside it, or take the line out",
                )
        return {key: setting for key, setting in settings.items() if key not in SAMPLED}


def _nothing_generated(setting: Setting, method: Method) -> Exception:
    return setting.error(
        f"{setting.name} is for generated text, and method {method.value!r} generates none.",
        what_to_do='set method = "generate", or take the line out',
    )


def check_decodings(
    decodings: Mapping[str, DecodingSettings], methods: Mapping[str, Method]
) -> None:
    """Accepts a table [decoding] all of which some benchmark of the run can follow.

    Both are by benchmark. A `SettingsError` names a key for generated text where none is generated.
    """
    if not methods or Method.GENERATE in methods.values():
        return
    for name, decoding in decodings.items():
        for key in GENERATED:
            if key in decoding.common:
                raise _nothing_generated(decoding.common[key], methods[name])


def read_decoding(file: ConfigFile, benchmark: str) -> DecodingSettings:
    """The decoding that is set for a benchmark, every value of which is checked."""
    return DecodingSettings(
        common=_read_keys(file, TABLE), own=_read_keys(file, "benchmarks", benchmark, TABLE)
    )


def _read_keys(file: ConfigFile, *tables: str) -> dict[str, Setting]:
    file.check_keys(KEYS, *tables)
    settings = {
        key: file.setting(*tables, key, value=value) for key, value in file.section(*tables).items()
    }
    for key, setting in settings.items():
        KEYS[key](setting)
    return settings
