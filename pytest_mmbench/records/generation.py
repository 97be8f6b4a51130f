"""How requests are put and how answers are made, as a table `[decoding]` sets it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

Marks: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs of texts: what begins a thought, and what ends it."""
MOST_OF_A_TEXT: Final = 60
"""Characters of a longer text that stand for it, beside a digest of all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the tokens of one answer are drawn.

    From logits divided by the temperature, of which the `top_k` largest stay, and of these the
    fewest that are as likely as `top_p` together: in this order, as transformers and vLLM do.
    """

    temperature: float
    """Above 0."""
    top_p: float = 1.0
    """In (0, 1]; 1 leaves all."""
    top_k: int = 0
    """0 leaves all."""
    seed: int = 0
    """Of this answer; each repeat of a question has one of its own."""
    key: str = ""
    """The request's key in the store, which tells its draws from those of other questions."""

    @property
    def law(self) -> tuple[float, float, int]:
        """What answers that are drawn together share: all but the seed and the key."""
        return self.temperature, self.top_p, self.top_k

    def random_seed(self, sample: str) -> int:
        """What a generator of random numbers is to be seeded with: 63 bits, as engines take them.

        Equal requests have the same one, whatever they are asked beside; `sample` stands for what
        is asked where the key is not known, as in a self-check.
        """
        text = f"{self.seed} {self.key or sample}"
        return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()) >> 193


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """What is set of how a benchmark's requests are put and answered; its own where nothing is."""

    max_new_tokens: int = 0
    """Tokens of a generated answer at most; 0: as the benchmark has it."""
    system: str = ""
    """What the system says first; empty: as the benchmark has it."""
    thinking: bool | None = None
    """As in `Request`."""
    stop: tuple[str, ...] = ()
    """As in `Request`."""
    thoughts: Marks = ()
    """As in `Request`."""
    temperature: float = 0.0
    """As in `Sampling`; 0: the likeliest token is taken, and the next three say nothing."""
    top_p: float = 1.0
    """As in `Sampling`."""
    top_k: int = 0
    """As in `Sampling`."""
    seed: int = 0
    """Of the first repeat; each further one has the next number."""
    repeats: int = 1
    """How many times each question is asked."""

    @property
    def sampling(self) -> Sampling | None:
        """How the tokens of a first answer are drawn; None if they are not."""
        if not self.temperature:
            return None
        return Sampling(
            temperature=self.temperature, top_p=self.top_p, top_k=self.top_k, seed=self.seed
        )

    @property
    def parts(self) -> tuple[str, ...]:
        """What is set, as `key=value`, one a part: two that differ have other parts."""
        pairs = (f"[{', '.join(map(_quoted, pair))}]" for pair in self.thoughts)
        values = {
            "max-new-tokens": str(self.max_new_tokens or ""),
            "system": _quoted(self.system) if self.system else "",
            "thinking": {None: "", True: "true", False: "false"}[self.thinking],
            "stop": f"[{', '.join(map(_quoted, self.stop))}]" if self.stop else "",
            "thoughts": f"[{', '.join(pairs)}]" if self.thoughts else "",
        }
        if self.temperature:
            values |= {
                "temperature": repr(self.temperature),
                "top-p": repr(self.top_p) if self.top_p < 1 else "",
                "top-k": str(self.top_k or ""),
                "seed": str(self.seed),
                "repeats": str(self.repeats) if self.repeats > 1 else "",
            }
        return tuple(f"{key}={value}" for key, value in values.items() if value)


def _quoted(text: str) -> str:
    """In quotes on one line; of a long text its beginning and a digest."""
    start = json.dumps(text[:MOST_OF_A_TEXT], ensure_ascii=False)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{start}...{digest}" if len(text) > MOST_OF_A_TEXT else start


def before_stop(text: str, stop: Sequence[str]) -> str:
    """The text up to the first of the texts at which it ends; all of it if there is none.

    >>> before_stop("B. Next question: ...", ["Next", "..."])
    'B. '
    """
    places = (text.find(each) for each in stop)
    return text[: min((place for place in places if place >= 0), default=len(text))]
