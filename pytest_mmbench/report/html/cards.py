"""The cards and pictures of the HTML report, as data for its script, which filters and draws.

Texts are visible but not escaped: the script sets them as text, and never as markup.
"""

from __future__ import annotations

import json
import math
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, takewhile
from typing import Any, Final, Protocol, TypeVar

from pytest_mmbench.errors import MMBenchError, one_line, visible
from pytest_mmbench.gates.verdicts import FlipKind
from pytest_mmbench.records import LETTERS, benchmark_of
from pytest_mmbench.report.document import ChangedAnswer, ModelAnswer, Report, Shortcut
from pytest_mmbench.report.tree import ancestors, places

_CATEGORIES: Final[Mapping[FlipKind, str]] = {
    FlipKind.REGRESSED: "regressed",
    FlipKind.CORRECT_TO_UNPARSEABLE: "unparseable",
    FlipKind.BECAME_UNPARSEABLE: "unparseable",
    FlipKind.LESS_CREDIT: "regressed",
    FlipKind.STILL_WRONG: "both incorrect",
    FlipKind.BECAME_PARSEABLE: "both incorrect",
    FlipKind.FIXED: "fixed",
    FlipKind.MORE_CREDIT: "fixed",
    FlipKind.STILL_CORRECT: "both correct",
}
_NEAR_TIE: Final = "near tie"
CATEGORIES: Final = (*dict.fromkeys(_CATEGORIES.values()), _NEAR_TIE)
"""By which changed answers are filtered, the gravest first."""
LONGEST_OPTION: Final = 300
"""Characters."""
SHORT: Final = 40
"""Characters of an answer that is counted among several."""
_DIGITS: Final = 4
"""Decimals of a probability: less than half a pixel of a bar."""
Card = dict[str, Any]
"""One object of JSON; `page/cards.js` names its fields."""


def category(changed: ChangedAnswer) -> str:
    """The kind of change in a word or two; a near tie is a kind of its own."""
    return _NEAR_TIE if changed.near_tie else _CATEGORIES[changed.kind]


def in_order(changed: Iterable[ChangedAnswer]) -> list[ChangedAnswer]:
    """The gravest category first, and within it the answer that lost most probability."""
    return sorted(
        changed, key=lambda one: (CATEGORIES.index(category(one)), -_lost_probability(one))
    )


def _lost_probability(changed: ChangedAnswer) -> float:
    """Of the option that was answered before; 0 for generated answers."""
    at = place(changed.baseline.answer)
    before = probabilities(changed.baseline.option_logprobs)
    after = probabilities(changed.candidate.option_logprobs)
    if not 0 <= at < min(len(before), len(after)):
        return 0.0
    return before[at] - after[at]


def card(item: ChangedAnswer | Shortcut, leaves: Mapping[str, int]) -> Card:
    """One card; `leaves` numbers the dimensions that cards are filtered by."""
    question = {
        "id": one_line(item.sample, most=LONGEST_OPTION),
        "leaf": leaves[item.dimension],
        "question": visible(item.question),
        "options": [one_line(each, most=LONGEST_OPTION) for each in item.options],
        "correct": one_line(item.target, most=LONGEST_OPTION),
    }
    if isinstance(item, Shortcut):
        rules = [one_line(each, most=LONGEST_OPTION) for each in item.rules]
        return {**question, "rules": rules}
    return {
        **question,
        "kind": CATEGORIES.index(category(item)),
        "baseline": _answer(item.baseline),
        "candidate": _answer(item.candidate),
    }


def _answer(answer: ModelAnswer) -> Card:
    """Only what there is: an absent field takes no room in thousands of cards."""
    fields: Card = {
        "answer": one_line(answer.answer, most=LONGEST_OPTION),
        "correctness": answer.correctness.value,
    }
    if answer.option_logprobs:
        chances = probabilities(answer.option_logprobs)
        fields["p"] = [round(each, _DIGITS) for each in chances]
    if answer.partial:
        fields["partial"] = round(answer.partial, _DIGITS)
    if answer.repeats:
        fields["repeats"] = tally_of(answer.repeats)
    if answer.text:
        fields["text"] = visible(answer.text)
    return fields


def tally_of(answers: Iterable[str]) -> str:
    """How often each answer was given, the commonest first: `A 5, B 2, unparseable 1`."""
    counts = Counter(one_line(each, most=SHORT) or "unparseable" for each in answers)
    return ", ".join(f"{answer} {times}" for answer, times in counts.most_common())


def numbered(cards: Iterable[ChangedAnswer | Shortcut]) -> dict[str, int]:
    """The dimensions that samples count for, numbered in the order of the alphabet."""
    return {path: at for at, path in enumerate(sorted({each.dimension for each in cards}))}


def choices(report: Report, leaves: Mapping[str, int]) -> list[Card]:
    """The nodes by which cards can be filtered: their names, depths, and numbers of their leaves.

    They are those of the report, or the leaves and all that is above them; none without cards.
    """
    named = {each.path: each.leaves for each in report.dimensions}
    unnamed = [path for path in leaves if path not in named]
    above = {each for path in unnamed for each in ancestors(path)}
    below = {
        path: [
            at
            for leaf, at in leaves.items()
            if leaf in named.get(path, ()) or leaf == path or leaf.startswith(f"{path}.")
        ]
        for path in (*named, *sorted({*unnamed, *above} - named.keys()))
    }
    return [
        {
            "path": one_line(place.path),
            "name": one_line(place.name, most=LONGEST_OPTION),
            "depth": place.depth,
            "leaves": below[place.path],
        }
        for place in places(path for path, numbers in below.items() if numbers)
    ]


def probabilities(logprobs: Sequence[float]) -> list[float]:
    """Among the options alone: exp of each logarithm, divided by their sum."""
    if not logprobs:
        return []
    highest = max(logprobs)
    weights = [math.exp(each - highest) for each in logprobs]
    return [weight / sum(weights) for weight in weights]


def place(letter: str) -> int:
    """Which option a letter names, from 0; -1 for anything but a letter."""
    return LETTERS.find(letter) if len(letter) == 1 else -1


PICTURE_BYTES: Final = 20_000_000
"""Bytes of a report that pictures may take, as they are encoded in it."""
TEXT_BYTES: Final = 6_000_000
"""Bytes of a report that changed answers may take, and half as much shortcut candidates."""
BLOCK: Final = 48
"""Pictures that are parsed together when one of them is looked at: two pages of cards."""
MISSING: Final = -1
"""Number of a picture that its sample does not have, or that cannot be read."""


class Pictures(Protocol):
    """Gives the small picture of a sample; `thumbnails.Thumbnails` is one.

    Pictures of your own:

        def pictures(benchmark, sample):
            return (FOLDER / benchmark / f"{sample}.webp").read_bytes()
    """

    def __call__(self, benchmark: str, sample: str) -> bytes:
        """The encoded picture (WebP, PNG, JPEG or GIF), at most 256 pixels or so; empty for none.

        Raises:
            MMBenchError: it cannot be read. The report then does without.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleKey:
    """A sample of a benchmark."""

    benchmark: str
    sample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """Embedded pictures."""

    blocks: tuple[tuple[str, ...], ...]
    """Data URIs."""
    numbers: dict[SampleKey, int]
    """Where each picture is, counted through all blocks; `MISSING` if there is none."""
    left_out: int
    """How many samples had no room, and have no number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """The cards that have room, and their pictures."""

    leaves: Mapping[str, int]
    """The dimensions of the cards, numbered."""
    changed: Sequence[ChangedAnswer]
    shortcuts: Sequence[Shortcut]
    gallery: Gallery

    def data(self, report: Report) -> dict[str, Any]:
        """What the script of the page reads."""
        return {
            "block": BLOCK,
            "kinds": CATEGORIES,
            "leaves": [one_line(leaf) for leaf in self.leaves],
            "choices": choices(report, self.leaves),
            "changed": [self._card(each) for each in self.changed],
            "shortcuts": [self._card(each) for each in self.shortcuts],
        }

    def _card(self, item: ChangedAnswer | Shortcut) -> Card:
        number = self.gallery.numbers.get(_sample_key(item))
        return card(item, self.leaves) | ({} if number is None else {"picture": number})


Item = TypeVar("Item", ChangedAnswer, Shortcut)


def embed(report: Report, pictures: Pictures, *, picture_bytes: int, text_bytes: int) -> Embedded:
    """The gravest changes first, each with its picture as long as the bytes suffice."""
    leaves = numbered([*report.changed_answers, *report.shortcuts])
    changed = _fitting(in_order(report.changed_answers), leaves, text_bytes)
    shortcuts = _fitting(report.shortcuts, leaves, text_bytes // 2)
    # What each list shows first is looked at first.
    firsts = chain[ChangedAnswer | Shortcut](changed[:BLOCK], shortcuts[:BLOCK])
    names = [_sample_key(each) for each in chain(firsts, changed, shortcuts)]
    return Embedded(
        leaves=leaves,
        changed=changed,
        shortcuts=shortcuts,
        gallery=embed_pictures(names, pictures, budget=picture_bytes),
    )


def embed_pictures(
    names: Iterable[SampleKey], pictures: Pictures, *, budget: int = PICTURE_BYTES
) -> Gallery:
    """Embeds pictures in the given order, once for every sample, until the budget is spent."""
    samples, numbers, uris = list(dict.fromkeys(names)), dict[SampleKey, int](), list[str]()
    spent = 0
    for name in samples:
        uri = _uri(name, pictures)
        spent += len(uri)
        if spent > budget:
            break
        numbers[name] = len(uris) if uri else MISSING
        uris += [uri] if uri else []
    blocks = (tuple(uris[at : at + BLOCK]) for at in range(0, len(uris), BLOCK))
    return Gallery(blocks=tuple(blocks), numbers=numbers, left_out=len(samples) - len(numbers))


def script_safe_json(data: object) -> str:
    """JSON that cannot end the block in which it lies, whatever stands in its texts."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _fitting(items: Sequence[Item], leaves: Mapping[str, int], room: int) -> list[Item]:
    sizes = (len(script_safe_json(card(item, leaves)).encode()) for item in items)
    return [item for item, _ in zip(items, takewhile(room.__ge__, accumulate(sizes)), strict=False)]


def _sample_key(item: ChangedAnswer | Shortcut) -> SampleKey:
    return SampleKey(benchmark=benchmark_of(item.dimension), sample=item.sample)


def _uri(name: SampleKey, pictures: Pictures) -> str:
    try:
        encoded = pictures(name.benchmark, name.sample)
    except MMBenchError:
        return ""
    signatures = {b"\x89PNG": "png", b"\xff\xd8": "jpeg", b"GIF8": "gif"}
    kind = next((kind for start, kind in signatures.items() if encoded.startswith(start)), "webp")
    return f"data:image/{kind};base64,{b64encode(encoded).decode()}" if encoded else ""
