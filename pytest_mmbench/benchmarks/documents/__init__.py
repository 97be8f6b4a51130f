"""Questions about drawn documents, made from a seed: signs, receipts, charts and forms.

Like `shapes` it needs no download and cannot have leaked into anybody's training data, and it asks
for text: to read it, and to find what belongs together. Four capabilities of three axes each. The
other options are texts of the same kind that stand on the same page, so that reading alone does not
answer a question; given the text of the question alone, each option is equally likely.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pytest_mmbench.benchmarks.dimensions import axis_paths, dimensions
from pytest_mmbench.benchmarks.documents.questions import (
    CAPABILITIES,
    DEFAULT_PER_AXIS,
    DEFAULT_SEED,
    DocumentRecord,
    make_record,
)
from pytest_mmbench.benchmarks.draws import DrawnIds, drawn_picture, seed_and_size
from pytest_mmbench.benchmarks.prompts import (
    choice_request,
    question_and_letters,
    ranks_texts,
    single_turn,
)
from pytest_mmbench.errors import SettingsError, near
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Dimension, Method, Picture, Request, Sample, Turn
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.likelihood import MostLikely
from pytest_mmbench.scorers.open_answer import StrictOpen

NAME: Final = "documents"
VERSION: Final = 1
"""Raised when the same seed gives other questions or pictures than before."""
ANSWER: Final = "answer"
ANSWERS: Final = ("choice", "text")
NEW_TOKENS: Final = 32
LAST_LINE: Final = "Answer with a single word, number or phrase."
"""Of a question without options."""


class Documents:
    """The benchmark, drawn from one seed, with so many samples for each of its 12 axes.

    Args:
        seed: what is drawn.
        per_axis: samples of each axis.
        answer: `choice` between four options, or `text`, the same questions without options.
    """

    name = NAME

    def __init__(
        self,
        *,
        seed: int = DEFAULT_SEED,
        per_axis: int = DEFAULT_PER_AXIS,
        answer: str = ANSWERS[0],
    ) -> None:
        self._seed = seed
        self._per_axis = per_axis
        self._answer = answer

    @property
    def revision(self) -> str:
        """Everything that the samples depend on."""
        return f"{NAME}-{VERSION} seed={self._seed} per-axis={self._per_axis} {self._answer}"

    @property
    def variant(self) -> str:
        """How it is answered."""
        return self._answer

    def dimensions(self) -> tuple[Dimension, ...]:
        """The whole tree."""
        sizes = dict.fromkeys(axis_paths(NAME, CAPABILITIES).values(), self._per_axis)
        return dimensions(NAME, CAPABILITIES, sizes)

    def ids(self, leaf: str) -> Sequence[str]:
        """The axis and a number: `prices-0007`."""
        return DrawnIds(leaf.rpartition(".")[2], range(self._per_axis))

    def sample(self, id: str) -> Sample:
        """The sample of that id, drawn anew."""
        axis, _, number = id.rpartition("-")
        record = make_record(self._seed, axis, int(number))
        is_choice = self._answer == "choice"
        return Sample(
            id=id,
            dimension=f"{NAME}.{record.capability}.{axis}",
            question=record.question,
            options=record.options if is_choice else (),
            target=record.answer if is_choice else record.answer_text,
            pictures=(_picture(self._seed, id, record),),
        )

    def methods(self) -> tuple[Method, ...]:
        """Ranking the options' texts, or any other; a text without options is generated."""
        return tuple(Method) if self._answer == "choice" else (Method.GENERATE,)

    def request(self, sample: Sample, method: Method) -> Request:
        """The picture, then the question; its options follow unless their texts are ranked."""
        if not sample.options:
            text = f"{sample.question}\n{LAST_LINE}"
        elif ranks_texts(method):
            text = sample.question
        else:
            text = question_and_letters(sample, method)
        prompt = single_turn(sample.pictures, text)
        return choice_request(sample, method, prompt, new_tokens=NEW_TOKENS)

    def examples(self, method: Method) -> tuple[Turn, ...]:  # noqa: ARG002 - none for any
        """None: prompts are 0-shot."""
        return ()

    def scorer(self, method: Method) -> Scorer:
        """Most likely option, or a strict reading of the text."""
        if method is Method.GENERATE:
            return StrictChoice() if self._answer == "choice" else StrictOpen()
        return MostLikely(mean=method is Method.RANK_MEAN)


def _picture(seed: int, name: str, record: DocumentRecord) -> Picture:
    def read() -> bytes:
        # Drawing loads PIL, which neither collecting samples nor building requests needs.
        from pytest_mmbench.benchmarks.documents.drawing import png  # noqa: PLC0415

        return png(record.page)

    return drawn_picture(NAME, VERSION, seed=seed, name=name, read=read)


def load(options: Mapping[str, object]) -> Documents:
    """The benchmark with the options of its table in the settings.

    Raises:
        SettingsError: an option is unknown, or its value is not one of those that it may have.
    """
    answer = options.get(ANSWER, ANSWERS[0])
    if answer not in ANSWERS:
        raise SettingsError(
            f"{ANSWER} = {answer!r} is not known.",
            asked_for_by=f"[benchmarks.{NAME}]",
            **near(str(answer), ANSWERS),
        )
    return Documents(**seed_and_size(NAME, options, others=(ANSWER,)), answer=str(answer))
