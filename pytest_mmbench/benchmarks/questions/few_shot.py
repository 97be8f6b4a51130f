"""Solved examples before each question, from a file with the columns of the questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pytest_mmbench.benchmarks.prompts import ranks_texts
from pytest_mmbench.benchmarks.questions.answer_type import AnswerType
from pytest_mmbench.benchmarks.questions.capabilities import CapabilityPaths
from pytest_mmbench.benchmarks.questions.file import open_questions
from pytest_mmbench.benchmarks.questions.samples import QuestionReader
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.benchmarks.settings import BenchmarkOptions
from pytest_mmbench.records import LETTERS, Method, Prompt, Sample, Turn

FEW_SHOT: Final = "few-shot"
"""The file of examples."""
FEW_SHOT_FOR: Final = "few-shot-for"
FOR: Final = ("all", "base-llm")
"""Words of that option: every model is shown the examples, or the text model alone."""
MOST: Final = 32
"""Examples; what is more is a mistake for the questions themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SolvedExamples:
    """The examples of one benchmark; none if the settings name no file."""

    answer_type: AnswerType
    samples: tuple[Sample, ...] = ()
    digest: str = ""
    is_for_all: bool = True

    @property
    def identity(self) -> tuple[object, ...]:
        """What of them the revision depends on; empty without any."""
        return (FEW_SHOT, self.digest, self.is_for_all) if self.samples else ()

    def turns(self, prompt_of: Callable[[Sample, Method], Prompt], method: Method) -> list[Turn]:
        """Each as a question with its pictures, and what a model is to answer."""
        turns: list[Turn] = []
        for sample in self.samples:
            answer = Turn(role="assistant", parts=(self._answer(sample, method),))
            turns += [*prompt_of(sample, method).turns, answer]
        return turns

    def _answer(self, sample: Sample, method: Method) -> str:
        if not sample.options:
            is_list = self.answer_type.name == "list" and sample.target.startswith("[")
            return "; ".join(map(str, json.loads(sample.target))) if is_list else sample.target
        is_letter = self.answer_type.lists_options and not ranks_texts(method)
        return sample.target if is_letter else sample.options[LETTERS.index(sample.target)]

    def before(
        self, prompt: Prompt, sample: Sample, method: Method, prompt_of: Callable[..., Prompt]
    ) -> Prompt:
        """A prompt with the examples that every model is shown; as it is if there are none.

        They show their pictures where the question shows one: under a condition without pictures
        there are none at all.
        """
        if not self.samples or not self.is_for_all:
            return prompt
        turns = self.turns(prompt_of, method)
        shown = turns if sample.pictures else list(map(_without_pictures, turns))
        return Prompt(turns=(*shown, *prompt.turns))

    def for_text_models(self, prompt_of: Callable[[Sample, Method], Prompt]) -> tuple[Turn, ...]:
        """Those that only the base LLM is shown, without pictures."""
        if self.is_for_all:
            return ()
        return tuple(map(_without_pictures, self.turns(prompt_of, Method.GENERATE)))


def _without_pictures(turn: Turn) -> Turn:
    texts = "".join(part for part in turn.parts if isinstance(part, str))
    return replace(turn, parts=(texts.lstrip("\n"),))


def read_examples(
    options: BenchmarkOptions,
    answer_type: AnswerType,
    reader: QuestionReader,
    questions: Mapping[str, Sample],
) -> SolvedExamples:
    """The examples that the settings name, read as the questions are.

    Raises:
        SettingsError: they cannot be shown to a model, or one of them is a question as well.
        DataError: the file cannot be read, or a row cannot be used.
    """
    is_for_all = options.word(FEW_SHOT_FOR, FOR) == FOR[0]
    if FEW_SHOT not in options.options:
        return SolvedExamples(answer_type=answer_type)
    if answer_type.is_place:
        problem = f'{FEW_SHOT} knows no examples whose answers are places: "{answer_type.name}".'
        raise options.error(problem, what_to_do=f"leave out {FEW_SHOT}")
    file = open_questions(options, key=FEW_SHOT)
    columns = replace(reader.columns, capability=(), cluster="")
    table = file.with_texts(columns)
    table.require(columns.id, columns.question, columns.target, *columns.options)
    reader = replace(
        reader,
        columns=columns,
        paths=CapabilityPaths(reader.benchmark, ()),
        cells_are_cheap=file.cells_are_cheap,
    )
    samples = build_samples(table, reader.sample, id=columns.id).items
    if len(samples) > MOST:
        problem = f"{table.name} has {len(samples)} examples, and {MOST} are the most."
        raise options.error(problem, what_to_do="choose a few of them")
    both = [id for id in samples if id in questions]
    if both:
        problem = f"{both[0]!r} is an example and a question: its answer would be shown."
        raise options.error(problem, what_to_do="take it out of one of the files")
    return SolvedExamples(
        answer_type=answer_type,
        samples=tuple(samples.values()),
        digest=file.digest,
        is_for_all=is_for_all,
    )
