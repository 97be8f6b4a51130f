"""The tables [decoding] and [benchmarks.NAME.decoding]: how requests are put and answered."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeGuard

from pytest_mmbench.config import values
from pytest_mmbench.config.file import ConfigFile
from pytest_mmbench.config.values import Setting
from pytest_mmbench.decoding import Decoding, Marks
from pytest_mmbench.errors import shorten
from pytest_mmbench.records import Method

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
    marks = tuple(tuple(pair) for pair in pairs)
    if not marks or not all(map(_is_pair, marks)):
        raise setting.error(
            f"thoughts are enclosed by two texts; {shorten(values.toml(setting.value))} are none.",
            what_to_do='write thoughts = ["<plan>", "</plan>"], or a list of such pairs; those of'
            " known models need not be set",
        )
    return marks


def _is_pair(marks: Sequence[object]) -> TypeGuard[tuple[str, str]]:
    """Whether these are two texts that can be told apart, also in other case and blanks."""
    texts = {mark.strip().lower() for mark in marks if isinstance(mark, str)} - {""}
    return len(marks) == len(texts) == PAIR


def _temperature(setting: Setting) -> float:
    temperature = _decimal(setting)
    if temperature and not COLDEST <= temperature <= HOTTEST:
        remedy = "write 0.7 or the like; 0 takes the likeliest token"
        raise _not(setting, f"0, or a number from {COLDEST} to {HOTTEST}", remedy)
    return temperature


def _top_p(setting: Setting) -> float:
    share = _decimal(setting)
    if not 0 < share <= 1:
        raise _not(setting, "a probability above 0, at most 1", "write top-p = 0.95 or the like")
    return share


def _decimal(setting: Setting) -> float:
    """A number; one that is none lies in no range."""
    value = setting.value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return math.nan
    return float(value)


def _top_k(setting: Setting) -> int:
    if setting.value == 0 and setting.value is not False:
        remedy = "take the line out: then no token is left out"
        raise setting.error("top-k = 0 leaves no token to draw.", what_to_do=remedy)
    return values.number(setting)


def _seed(setting: Setting) -> int:
    seed = values.number(setting)
    if seed > LARGEST_SEED:
        raise _not(setting, f"a whole number up to {LARGEST_SEED}", "write a smaller one")
    return seed


def _repeats(setting: Setting) -> int:
    repeats = values.number(setting)
    if not 1 <= repeats <= MOST_REPEATS:
        asked = "asks no question" if repeats == 0 else f"asks each more than {MOST_REPEATS} times"
        remedy = "write how often each question is asked, such as repeats = 4"
        raise setting.error(f"repeats = {repeats} {asked}.", what_to_do=remedy)
    return repeats


def _not(setting: Setting, what: str, remedy: str) -> Exception:
    typed = shorten(values.toml(setting.value))
    return setting.error(f"{setting.name} is {what}; {typed} is not.", what_to_do=remedy)


KEYS: Final[Mapping[str, Callable[[Setting], object]]] = {
    "max-new-tokens": _token_limit,
    "system": _system,
    "thinking": values.switch,
    "stop": _stop,
    "thoughts": _thoughts,
    "temperature": _temperature,
    "top-p": _top_p,
    "top-k": _top_k,
    "seed": _seed,
    "repeats": _repeats,
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
        chosen = {**self.common, **self.own}
        if generates:
            chosen = self._drawn(chosen)
        fields: dict[str, Any] = {
            key.replace("-", "_"): KEYS[key](setting)
            for key, setting in chosen.items()
            if generates or key not in GENERATED
        }
        return Decoding(**fields)

    def _drawn(self, chosen: Mapping[str, Setting]) -> dict[str, Setting]:
        """What is chosen, without what a benchmark's own `temperature = 0` makes meaningless.

        Raises:
            SettingsError: something is said of draws, and no token is drawn.
        """
        temperature = chosen.get("temperature")
        if temperature is not None and _temperature(temperature):
            return dict(chosen)
        is_greedy_here = "temperature" in self.own
        for key in SAMPLED:
            if key not in chosen or (is_greedy_here and key not in self.own):
                continue
            if (key, KEYS[key](chosen[key])) != ("repeats", 1):
                raise _nothing_drawn(chosen[key])
        return {key: setting for key, setting in chosen.items() if key not in SAMPLED}


def _nothing_generated(setting: Setting, method: Method) -> Exception:
    return setting.error(
        f"{setting.name} is for generated text, and method {method.value!r} generates none.",
        what_to_do='set method = "generate", or take the line out',
    )


def _nothing_drawn(setting: Setting) -> Exception:
    says = f"{setting.name} is set, and no temperature: the likeliest token is taken every time"
    same = ", so that all repeats would be the same" if setting.name == "repeats" else ""
    remedy = "set temperature = 0.7 or the like beside it, or take the line out"
    return setting.error(f"{says}{same}.", what_to_do=remedy)


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
