"""What a benchmark, a model, a scorer, a condition and a store have to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from pytest_mmbench.records import Answer, Dimension, Method, Request, Sample, Score, Turn

MANY: Final = 1 << 30
"""`most_pictures` of a model that takes any number."""


class Benchmark(Protocol):
    """Questions with known answers, sorted into a tree of dimensions.

    The first node is the whole: its leaves hold every sample once. Other nodes that are leaves of
    themselves are *views*, which hold some of the same samples again.

    It may also have `variant`, which of several published ones it is, shown beside its name, and
    `view_units`: by view, what its samples count together with there, where that is not their unit.

    `dimensions`, `ids` and `sample` read no picture: they are called while pytest collects.
    """

    @property
    def name(self) -> str:
        """The first word of every dimension's path."""

    @property
    def revision(self) -> str:
        """Changes when a sample, its wording or its picture changes."""

    def dimensions(self) -> tuple[Dimension, ...]:
        """The whole tree, each node before the nodes below it."""

    def ids(self, leaf: str) -> Sequence[str]:
        """Ids of the samples of one leaf, in the order of the data."""

    def sample(self, id: str) -> Sample:
        """The sample of that id; the same at every call."""

    def methods(self) -> tuple[Method, ...]:
        """The ways in which it can be asked, the default one first."""

    def request(self, sample: Sample, method: Method) -> Request:
        """The benchmark's own wording of a sample. The request must not depend on the target.

        The sample may be one under a condition: its question, options and pictures count, and not
        those of the sample with its id.
        """

    def examples(self, method: Method) -> tuple[Turn, ...]:
        """Solved questions that a text model is shown first, as published; none if 0-shot."""

    def scorer(self, method: Method) -> Scorer:
        """The rule by which an answer to such a request is judged."""


def view_units(benchmark: Benchmark) -> Mapping[str, Mapping[str, str]]:
    """By view that has units of its own, the unit of each sample; none if it has no such view."""
    units: Mapping[str, Mapping[str, str]] = getattr(benchmark, "view_units", {})
    return units


class Scorer(Protocol):
    """Judges one answer; never raises on what a model said."""

    @property
    def rule(self) -> str:
        """What reports call it, such as `strict`; empty if the method says it all."""

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        """The answer's mark, and the letter that was read out of it."""


class ConditionFunction(Protocol):
    """What a condition does to the samples of one leaf."""

    def __call__(self, samples: Sequence[Sample], *, seed: int) -> list[Sample]:
        """As `Condition` promises it."""


class Condition(Protocol):
    """Makes of a leaf's samples what is asked of them under one condition.

    A pure function of samples and seed: the same ids in the same order, and what is shown does not
    depend on a target. It reads no picture: a `Picture` of its own makes its bytes when it is read,
    and the same ones at every call.

    A condition of your own is a function, which an entry point or `registry` gives its name:

        def shouted(samples, *, seed):
            return [replace(sample, question=sample.question.upper()) for sample in samples]
    """

    @property
    def name(self) -> str:
        """What the user types and reports print: `no-image+rotated-2`."""

    def __call__(self, samples: Sequence[Sample], *, seed: int) -> list[Sample]:
        """The samples under the condition.

        They are all those of one leaf, also those that a limit leaves out. The seed is the run's.

        Raises:
            DataError: the condition cannot be made of these samples, and the reason why; so does
                a picture that turns out not to be there when it is read, as an `AbsentError`.
        """


class Model(Protocol):
    """A model that answers requests. It sees no samples, and so never a target.

    It may also have any of `OptionalModelParts`.

    Both methods return one answer per request, in the same order, each with the request's sample
    id. What is returned for a request does not depend on its neighbours in the batch.

    A model of your own:

        class Parrot:
            name = "parrot"
            fingerprint = "parrot-1"
            batch_size = 8

            def generate(self, requests):
                return [Answer(sample=r.sample, text="A") for r in requests]

            def rank(self, requests):
                even = OptionLogprob(logprob=-1.0, tokens=1)
                return [
                    Answer(sample=r.sample, option_logprobs=(even,) * len(r.options))
                    for r in requests
                ]
    """

    @property
    def name(self) -> str:
        """Its name in reports."""

    @property
    def fingerprint(self) -> str:
        """Changes with anything that can change an answer: weights, processor, template, dtype."""

    @property
    def batch_size(self) -> int:
        """How many requests it is best given at once."""

    def generate(self, requests: Sequence[Request]) -> list[Answer]:
        """A text for each request, at most `new_tokens` long.

        It may end at the first of the request's `stop`, which is taken out of it in any case. A
        text that the limit of tokens has ended is marked as `cut_short`. Where the request has a
        `sampling`, tokens are drawn by it, from random numbers that `Sampling.random_seed` fixes.
        """

    def rank(self, requests: Sequence[Request]) -> list[Answer]:
        """The log-likelihood (nats) of each option of each request as a continuation."""


class OptionalModelParts(Protocol):
    """What a `Model` may have besides; `ModelFeatures` holds the defaults of what it lacks."""

    @property
    def dtype(self) -> str:
        """The dtype in which it computes, such as `bfloat16`: near ties depend on it."""

    @property
    def device(self) -> str:
        """On which it computes, such as `cuda:0`; shown in reports."""

    @property
    def most_pictures(self) -> int:
        """How many pictures one prompt can show: 0 for a text model, `MANY` for any number."""

    @property
    def needs_picture(self) -> bool:
        """Whether it requires a picture; grey ones are shown where there is none."""

    @property
    def notes(self) -> Sequence[str]:
        """Sentences that a reader of the report has to know; read once all answers are in."""

    def self_check(self, requests: Sequence[Request]) -> None:
        """Looks for what is wrong with the model, before its first answer in this process.

        It is given a few of the requests that are planned, of each type and number of pictures.
        What can be worked around belongs into `notes`; anything else is a `CheckpointError`.
        """

    @property
    def answers_by_sample(self) -> bool:
        """Whether it answers by the sample's id, as a script does, and not by what it is shown.

        Then equal requests about two samples are asked twice, and their answers are kept apart.
        """

    def prepare(self, request: Request) -> Request:
        """The same request after the work that needs no accelerator, such as decoding.

        Called in another thread, before `generate` or `rank`, and not for every request. The result
        has to be small enough for two batches to wait in memory.
        """

    def check_unchanged(self) -> None:
        """Raises a `CheckpointError` if what it was loaded from is not what it was then.

        Called before a batch is kept and before a dimension is judged, so it has to be cheap.
        """


def check_unchanged(model: Model) -> None:
    """Asks a model whether it is still what it was; one that cannot say never changes."""
    check = getattr(model, "check_unchanged", None)
    if check is not None:
        check()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFeatures:
    """The `OptionalModelParts` of one model, with defaults for those that it lacks."""

    dtype: str | None
    device: str | None
    most_pictures: int
    needs_picture: bool
    prepare: Callable[[Request], Request]

    @classmethod
    def of(cls, model: Model) -> ModelFeatures:
        """Reads them once: a model may have to work for them."""
        dtype, device = getattr(model, "dtype", None), getattr(model, "device", None)
        return cls(
            dtype=None if dtype is None else str(dtype),
            device=None if device is None else str(device),
            most_pictures=getattr(model, "most_pictures", MANY),
            needs_picture=getattr(model, "needs_picture", False),
            prepare=getattr(model, "prepare", lambda request: request),
        )


class Store(Protocol):
    """Keeps the answers of models, and the hashes of pictures."""

    def get(self, fingerprint: str, digests: Sequence[str]) -> dict[str, Answer]:
        """The answers that are known, by request digest."""

    def put(self, fingerprint: str, answers: dict[str, Answer]) -> None:
        """Keeps a batch of answers, all or none, before it returns."""

    def get_picture_hashes(self, identities: Sequence[str]) -> dict[str, bytes]:
        """The hashes of pictures that are known, by `Picture.identity`."""

    def put_picture_hashes(self, hashes: Mapping[str, bytes]) -> None:
        """Keeps hashes of pictures by identity, all or none, before it returns."""


class Progress(Protocol):
    """Is called after every batch; shows how far the run is, or not."""

    def __call__(self, *, done: int, total: int, seconds: float) -> None:
        """`done` of `total` requests have an answer, after so many seconds."""
