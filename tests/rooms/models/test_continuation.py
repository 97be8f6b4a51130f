"""What a checkpoint generates: where it ends, whether it was cut, and what is a thought in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
import tiny_checkpoints

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.records import Method, Prompt, Request, RequestType, Turn
from pytest_mmbench.records.generation import before_stop
from pytest_mmbench.scorers.choice import read_choice

if TYPE_CHECKING:
    from pytest_mmbench.models.local import LocalModel

pytestmark = pytest.mark.torch
Asks: TypeAlias = Callable[..., Request]
Models: TypeAlias = "Callable[[str], LocalModel]"
Checkpoints: TypeAlias = Callable[[str], Path]
PROMPT = Prompt(turns=(Turn(role="user", parts=("?",)),))
SWITCH = "{% if add_generation_prompt and enable_thinking %}<think>\n{% endif %}"


def load(folder: Path) -> LocalModel:
    from pytest_mmbench.models.local import load as load_local  # noqa: PLC0415 - it loads torch

    return load_local(str(folder), device="cpu")


def with_template(folder: Path, more: str) -> LocalModel:
    """The checkpoint with something more at the end of its chat template."""
    template = folder / "chat_template.jinja"
    template.write_text(template.read_text() + more)
    return load(folder)


def asks(ask: Asks, **settings: Any) -> list[Request]:
    """Questions of unequal lengths, to be answered by text."""
    questions = ["What colour is this?", "How many are there? How many?", "red green"]
    requests = [ask(question, 1, options=()) for question in questions]
    return [replace(each, type=RequestType.GENERATE, **settings) for each in requests]


@pytest.mark.parametrize("name", ["llava", "instructblip_t5"])
def test_a_text_that_reached_the_limit_was_cut(name: str, models: Models, ask: Asks) -> None:
    """In a decoder as in an encoder-decoder: these networks know no end of their own."""
    answers = models(name).generate(asks(ask, new_tokens=3))

    assert [each.cut_short for each in answers] == [True] * 3


def test_a_text_that_came_to_its_end_was_not_cut(copy: Checkpoints, ask: Asks) -> None:
    """Its end token may be the last one that there was room for."""
    whole = load(copy("llava"))
    decoder, requests = whole._answer_decoder, asks(ask, new_tokens=3)
    words = whole.processor.tokenizer("red green blue", add_special_tokens=False)["input_ids"]
    end, pad = next(iter(decoder.end_tokens)), whole.processor.tokenizer.pad_token_id
    rows = [[*words[:2], end], [words[0], end, pad], words[:3]]
    answers = decoder.answers(requests, rows, limit=3, opened="")

    assert [each.cut_short for each in answers] == [False, False, True]
    fewer = decoder.answers(requests, rows, limit=4, opened="")
    assert not any(each.cut_short for each in fewer)


@pytest.mark.parametrize("name", ["llava", "llama"])
def test_a_stop_ends_a_text(name: str, models: Models, ask: Asks) -> None:
    """Nothing of it or behind it is left, in a batch as alone, and nothing was cut."""
    pictures = (1,) if name == "llava" else ()
    requests = [
        replace(ask(question, *pictures, options=()), type=RequestType.GENERATE, new_tokens=12)
        for question in ("What colour is this?", "How many?", "green")
    ]
    free = models(name).generate(requests)
    stop = (free[0].text[2:4], "no such text")
    stopped = [replace(each, stop=stop) for each in requests]
    answers = models(name).generate(stopped)

    assert answers == [models(name).generate([each])[0] for each in stopped]
    assert answers[0].text == before_stop(free[0].text, stop).strip()
    for before, after in zip(free, answers, strict=True):
        has_stop = stop[0] in before.text
        assert after.text == before_stop(before.text, stop).strip()
        assert after.cut_short == (before.cut_short and not has_stop)


def test_thinking_reaches_the_template(copy: Checkpoints, ask: Asks) -> None:
    """A prompt that opens a thought is answered within it: the text says so."""
    model = with_template(copy("llava"), SWITCH)
    answers = {
        thinking: model.generate(asks(ask, new_tokens=2, thinking=thinking))[0].text
        for thinking in (None, False, True)
    }

    assert answers[None] == answers[False]
    assert answers[True].startswith("<think>")
    assert not answers[None].startswith("<think>")
    assert not model._readings
    ranked = [replace(each, type=RequestType.LOGLIKELIHOOD) for each in asks(ask)]
    ranked = [replace(each, options=("red", "green")) for each in ranked]
    plain, thought = (
        model.rank([replace(each, thinking=thinking) for each in ranked])
        for thinking in (False, True)
    )
    assert plain != thought


def test_a_template_without_the_argument_is_refused(models: Models, ask: Asks) -> None:
    """For every method, with the name of the checkpoint."""
    request = asks(ask, thinking=True)[0]

    for method in (Method.GENERATE, Method.RANK):
        model = models("llava")
        answer = model.generate if method is Method.GENERATE else model.rank
        with pytest.raises(CheckpointError, match="thinking = true is set, and the chat template"):
            answer([request])


def test_answers_to_prompts_that_open_thoughts_are_not_used_again(
    copy: Checkpoints, ask: Asks
) -> None:
    """Older releases kept a thought that was cut as if it were the answer."""
    model = with_template(copy("llava"), "{% if add_generation_prompt %}<think>\n{% endif %}")
    (answer, *_) = model.generate(asks(ask, new_tokens=3))

    assert model._readings == ["opened thoughts"]
    assert answer.text.startswith("<think>")
    assert read_choice(f"{answer.text} The answer is B.", ("red", "green")) == ""
    assert read_choice(f"{answer.text}</think>The answer is B.", ("red", "green")) == "B"


@pytest.mark.parametrize(
    ("begin", "end"), [("[THINK]", "[/THINK]"), ("◁think▷", "◁/think▷"), ("<think>", "</think>")]
)
def test_marks_of_thoughts_are_shown_where_they_are_special_tokens(begin: str, end: str) -> None:
    """Without them a thought and an answer would be one text; other special tokens are left out."""
    from pytest_mmbench.models.continuation import AnswerDecoder  # noqa: PLC0415 - it loads torch

    tokenizer = tiny_checkpoints.tokenizer(begin, end, begin_token=begin, end_token=end)
    decoder = AnswerDecoder(tokenizer=tokenizer, end_tokens=(2,))
    plain = tiny_checkpoints.tokenizer()
    text = f"<s>{begin}A or B?{end} The answer is B.</s>"
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    request = Request(sample="1", type=RequestType.GENERATE, prompt=PROMPT, new_tokens=len(ids))
    (answer,) = decoder.answers([request], [ids], limit=len(ids), opened="")

    assert decoder.keeps_marks
    assert not AnswerDecoder(tokenizer=plain, end_tokens=(2,)).keeps_marks
    assert answer.text == f"{begin}A or B?{end} The answer is B."
    assert not answer.cut_short


def test_marks_of_a_teams_own_are_shown_where_they_are_set(copy: Checkpoints, ask: Asks) -> None:
    """Special tokens too, and those that the template has opened in the prompt."""
    from pytest_mmbench.models.continuation import AnswerDecoder  # noqa: PLC0415 - it loads torch

    tokenizer = tiny_checkpoints.tokenizer("<plan>", "</plan>", a="<plan>", b="</plan>")
    decoder = AnswerDecoder(tokenizer=tokenizer, end_tokens=(2,))
    ids = tokenizer("<s><plan>A or B?</plan> B</s>", add_special_tokens=False)["input_ids"]
    own = (("<plan>", "</plan>"),)
    texts = {
        marks: decoder.answers(
            [replace(request, thoughts=marks)], [ids], limit=len(ids), opened=""
        )[0].text
        for marks in ((), own)
        for request in asks(ask)[:1]
    }

    assert texts == {(): "A or B? B", own: "<plan>A or B?</plan> B"}
    model = with_template(copy("llava"), "{% if add_generation_prompt %}<plan>\n{% endif %}")
    plain, marked = (
        model.generate(asks(ask, new_tokens=3, thoughts=marks))[0].text for marks in ((), own)
    )
    assert marked == f"<plan>{plain}"
