"""Which tokens end an answer, and that users' texts are read as they are written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_checkpoints import SPECIAL, edit
from torchvision_checkpoints import marked

from pytest_mmbench.errors import DataError
from pytest_mmbench.models.local import LocalModel, load, silence_transformers
from pytest_mmbench.models.tokens import ControlTokens
from pytest_mmbench.records import Request

Asks = Callable[..., Request]
Models = Callable[[str], LocalModel]
Checkpoints = Callable[[str], Path]

pytestmark = pytest.mark.torch

ONE_PICTURE = ("llava", "llava_next", "idefics3", "gemma3", "paligemma", "instructblip_t5")
QUOTING = ("llama", "llava", "llava_next", "gemma3", "instructblip_t5", "qwen2_vl", "pixtral")
"""Those whose processors read quoted tokens as text."""
LONG = "What colour is this, and how many are there? " * 3


def encoded(model: LocalModel, request: Request) -> list[int]:
    with silence_transformers():
        ids = model._sharing.encoder.encode([request]).inputs["input_ids"][0]
    return [int(id) for id in ids]


def ask_one(ask: Asks, name: str, question: str, **more: Any) -> Request:
    return ask(question, *(() if name == "llama" else (1,)), **more)


CUTTING: dict[str, dict[str, Any]] = {
    "a length": {"truncation": True, "max_length": 20},
    "the model's length": {"truncation": True, "model_max_length": 20},
    "a strategy": {"truncation": "longest_first", "max_length": 20},
    "at the start": {"truncation": True, "max_length": 20, "truncation_side": "left"},
    "into pieces": {
        "truncation": True,
        "max_length": 20,
        "stride": 3,
        "return_overflowing_tokens": True,
    },
    "padded": {"padding": "max_length", "max_length": 200},
    "no length of its own": {"model_max_length": 8},
}


@pytest.mark.parametrize("kind", CUTTING)
@pytest.mark.parametrize("name", marked("llama", *ONE_PICTURE, "qwen2_vl", "mistral3"))
def test_what_a_tokenizer_says_of_lengths_cuts_no_prompt(
    copy: Checkpoints, models: Models, ask: Asks, name: str, kind: str
) -> None:
    """Processors pass such settings on to every call, and the generation prompt would go."""
    folder, request = copy(name), ask_one(ask, name, LONG)
    edit(folder / "tokenizer_config.json", **CUTTING[kind])
    assert encoded(load(str(folder), device="cpu"), request) == encoded(models(name), request)


@pytest.mark.parametrize("name", marked("llama", *ONE_PICTURE, "qwen2_vl"))
def test_what_the_tokenizers_own_file_says_cuts_no_prompt(
    copy: Checkpoints, models: Models, ask: Asks, name: str
) -> None:
    """A tokenizer that was saved while it truncated does so when it is loaded."""
    folder, request = copy(name), ask_one(ask, name, LONG)
    truncation = {"direction": "Right", "max_length": 20, "strategy": "LongestFirst", "stride": 0}
    edit(folder / "tokenizer.json", truncation=truncation)
    assert encoded(load(str(folder), device="cpu"), request) == encoded(models(name), request)


def test_answers_to_cut_prompts_are_not_used_again(copy: Checkpoints, models: Models) -> None:
    """Older releases kept them under this checkpoint's fingerprint."""
    folder = copy("llava")
    assert not models("llava")._readings
    for settings in ({"truncation": True}, {"split_special_tokens": True}):
        edit(folder / "tokenizer_config.json", max_length=20, **settings)
        if "truncation" in settings:
            assert load(str(folder), device="cpu")._readings == ["whole prompts"]
    folder = copy("llama")
    edit(folder / "tokenizer_config.json", split_special_tokens=True)
    assert load(str(folder), device="cpu")._readings == ["whole prompts"]


def test_the_templates_own_tokens_are_not_split(
    copy: Checkpoints, models: Models, ask: Asks
) -> None:
    """A tokenizer that splits special tokens would spell out the start of every prompt."""
    folder = copy("llama")
    edit(folder / "tokenizer_config.json", split_special_tokens=True)
    request = ask("How many?")
    assert encoded(load(str(folder), device="cpu"), request) == encoded(models("llama"), request)


def first_token(model: LocalModel, request: Request) -> int:
    """The token with which the answer begins."""
    with torch.inference_mode(), silence_transformers():
        inputs = model._sharing.encoder.encode([request]).inputs
        return int(model._network(**inputs).logits[0, -1].argmax())


def test_the_end_tokens_of_config_and_tokenizer_both_end_an_answer(
    copy: Checkpoints, models: Models, ask: Asks
) -> None:
    """Base models name their end of text, and chats their end of turn, each in one of the files."""
    request = ask("What colour is this?", 1)
    whole, first = models("llava"), first_token(models("llava"), request)
    assert len(whole.generate([request])[0].text) > 1
    word = whole.processor.tokenizer.convert_ids_to_tokens(first)
    for number, (own, named) in enumerate([(2, word), ([2, 5], word), (first, "</s>")]):
        folder = copy("llava").rename(whole.facts.path.parent / f"ends-{number}")
        edit(folder / "generation_config.json", eos_token_id=own)
        edit(folder / "tokenizer_config.json", eos_token=named)
        model = load(str(folder), device="cpu")
        # A token that only the generation config names is not special, and is shown.
        assert len(model.generate([request])[0].text) <= 1, (own, named)
        assert {first, 2} <= {*model._end_tokens.ids}
        assert model._readings
    assert not whole._readings


def test_without_a_generation_config_the_config_names_the_end(
    copy: Checkpoints, models: Models, ask: Asks
) -> None:
    """It is where transformers looks then."""
    folder = copy("llama")
    (folder / "generation_config.json").unlink()
    model = load(str(folder), device="cpu")
    assert model._end_tokens.ids == models("llama")._end_tokens.ids == (2,)
    assert not model._readings


def test_what_the_template_writes_behind_an_answer_ends_it(
    copy: Checkpoints, models: Models, ask: Asks
) -> None:
    """A chat's end of turn that no file declares: the model would go on with the next turn."""
    folder = copy("llama")
    template = folder / "chat_template.jinja"
    ends = "{% if message['role'] == 'assistant' %}<end>{% endif %}{{ '\n' }}{% endfor %}"
    template.write_text(template.read_text().replace("{{ '\n' }}{% endfor %}", ends))
    model = load(str(folder), device="cpu")
    assert model.processor.template.turn_end == "<end>"
    end = model.processor.tokenizer.convert_tokens_to_ids("<end>")
    assert model._end_tokens.ids == (2, end)
    assert model.fingerprint != models("llama").fingerprint


@pytest.mark.parametrize("token", [*SPECIAL, "<|im_start|>"])
@pytest.mark.parametrize("name", marked(*QUOTING))
def test_a_special_token_in_a_question_is_text(
    models: Models, ask: Asks, name: str, token: str
) -> None:
    """It is shown letter by letter, and nothing else of the prompt changes."""
    model = models(name)
    control = model.processor.control
    request = ask_one(ask, name, f"What does {token} mean?")
    without = ask_one(ask, name, "What does it mean?")
    try:
        ids = encoded(model, request)
    except DataError as error:
        assert name == "gemma3", "it alone counts placeholders by itself"
        assert error.facts["sample"] == request.sample  # noqa: PT017
        return
    assert token in model.processor.tokenizer.decode(ids)
    assert control.count(ids) == control.count(encoded(model, without))


@pytest.mark.parametrize("token", ["<s>", "</s>", "<pad>", "<image>"])
@pytest.mark.parametrize("name", marked(*QUOTING, "paligemma"))
def test_a_special_token_in_an_option_is_text(
    models: Models, ask: Asks, name: str, token: str
) -> None:
    """Its likelihood is that of its letters."""
    model = models(name)
    request = ask_one(ask, name, "What is it?", options=("red", f"{token} and", token))
    with silence_transformers():
        encoder = model._sharing.encoder
        options = encoder.option_tokens([request], encoder.encode([request]).inputs)[0]
    assert not any(map(model.processor.control.count, options))
    assert token in model.processor.tokenizer.decode(options[1])
    assert model.rank([request])[0].option_logprobs[2].tokens > 1


@pytest.mark.parametrize("name", ["idefics3", "paligemma"])
def test_where_quoting_is_not_possible_the_sample_is_named(
    models: Models, ask: Asks, name: str
) -> None:
    """Others of the batch are innocent, and none of them is named."""
    requests = [ask("How?", 1), ask("What does </s> mean?", 2), ask("Why?", 3)]
    with pytest.raises(DataError, match="quotes '</s>', which cannot be shown") as caught:
        models(name).rank(requests)
    assert caught.value.facts["sample"] == requests[1].sample
    assert "--mm-bad-rows=skip" in caught.value.facts["what to do"]


def test_a_video_token_in_a_question_is_text(models: Models, ask: Asks) -> None:
    """The processor would look for a video."""
    pytest.importorskip("torchvision")
    model, request = models("qwen2_vl"), ask("Is <|video_pad|> a token?", 1)
    assert "<|video_pad|>" in model.processor.tokenizer.decode(encoded(model, request))


@pytest.mark.parametrize("name", marked("llama", "llava", "gemma3", "qwen2_vl"))
def test_quoting_prompts_change_nothing_beside_them(models: Models, ask: Asks, name: str) -> None:
    """Answers in a batch are those of each request alone, to rounding."""
    model = models(name)
    requests = [
        ask_one(ask, name, "How many?"),
        ask_one(ask, name, "What is </s> here?"),
        ask_one(ask, name, "What colour is this?", options=("red", "<s>")),
    ]
    for together, request in zip(model.rank(requests), requests, strict=True):
        alone = model.rank([request])[0]
        for one, other in zip(together.option_logprobs, alone.option_logprobs, strict=True):
            assert one.logprob == pytest.approx(other.logprob, abs=1e-4)
    assert model.generate(requests) == [model.generate([each])[0] for each in requests]


CONTROL = ControlTokens(tokens=("</s>", "<s>", "<|im_start|>", "<|im|>"), ids=frozenset({1, 2}))


@given(st.lists(st.sampled_from([*CONTROL.tokens, "<", "s>", "a b", "\U000f0000", "<|im"])))
def test_marks_can_be_taken_out_again(pieces: list[str]) -> None:
    """What is marked is the text itself, and a text cannot forge a mark."""
    text = "".join(pieces)
    marked_text = CONTROL.mark(text)
    plain = marked_text.replace("\U000f0000", "").replace("\U000f0001", "")
    assert plain == text.replace("\U000f0000", "")
    assert bool(CONTROL.first_in([plain])) == (marked_text != plain)
    assert marked_text.count("\U000f0000") == marked_text.count("\U000f0001")


def test_one_sign_is_no_control_token(copy: Checkpoints) -> None:
    """Some pad with a sign that people write."""
    folder = copy("llama")
    edit(folder / "tokenizer_config.json", pad_token="!")  # noqa: S106
    assert "!" not in load(str(folder), device="cpu").processor.control.tokens
