"""The wording of a team's own questions: a template with named places, or a plain default."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import Final

from pytest_mmbench.benchmarks.prompts import (
    interleaved,
    lettered_lines,
    question_and_letters,
)
from pytest_mmbench.benchmarks.settings import BenchmarkOptions
from pytest_mmbench.errors import near
from pytest_mmbench.records import Method, Prompt, Sample, letters

PROMPT: Final = "prompt"
PLACES: Final = ("question", "options", "letters", "pictures")
MARK: Final = re.compile(r"<image ?(?P<number>[1-9][0-9]?)>")
"""Where a question shows one of its pictures, as MMMU and MathVision write it; the others come
first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTemplate:
    """A text with named places, which is checked when it is read."""

    text: str
    """As it was written; `{{` and `}}` stand for braces."""

    @property
    def places(self) -> frozenset[str]:
        """The names of its places."""
        return frozenset(place for _, place, _, _ in _FORMATTER.parse(self.text) if place)

    def fill(self, sample: Sample) -> str:
        """The text for a sample; what stands in its question is no place."""
        return self.text.format_map(
            {
                "question": sample.question,
                "options": lettered_lines(sample.options),
                "letters": ", ".join(letters(sample.options)),
                "pictures": "".join(f"<image {at + 1}>" for at in range(len(sample.pictures))),
            }
        )


_FORMATTER: Final = string.Formatter()


def read_template(options: BenchmarkOptions, *, lists_options: bool) -> PromptTemplate | None:
    """The template that the settings write; None if they write none.

    Raises:
        SettingsError: it has a place that is not known, none for the question, or a brace alone.
    """
    text = options.options.get(PROMPT)
    if text is None:
        return None
    if not isinstance(text, str):
        raise options.error(f"{PROMPT} is a text, and not {text!r}.")
    known = PLACES if lists_options else ("question", "pictures")
    try:
        parts = [part for part in _FORMATTER.parse(text) if part[1] is not None]
    except ValueError as error:
        remedy = "a brace that is no place is doubled: {{ }}"
        raise options.error(
            f"{PROMPT} cannot be read.", reason=str(error), what_to_do=remedy
        ) from error
    for _, place, form, conversion in parts:
        if place not in known or form or conversion:
            whole = f"{place}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}"
            problem = f"{PROMPT} has a place {{{whole}}}, which is not known."
            remedy = "a brace that is no place is doubled: {{ }}"
            raise options.error(problem, **near(str(place), known), what_to_do=remedy)
    template = PromptTemplate(text=text)
    if "question" not in template.places:
        raise options.error(f"{PROMPT} has no place {{question}}: all questions would be the same.")
    return template


def question_prompt(
    sample: Sample, method: Method, *, last_line: str, template: PromptTemplate | None
) -> Prompt:
    """One user turn: pictures stand at their marks, and the others before the text."""
    if template:
        text = template.fill(sample)
    elif last_line:
        text = f"{sample.question}\n{last_line}"
    else:
        text = question_and_letters(sample, method)
    return interleaved(text, sample.pictures, MARK)
