"""The law of asking: batches and shared caches change nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision_checkpoints
from torchvision_checkpoints import marked

from pytest_mmbench.models import loglikelihood
from pytest_mmbench.models.cache import CheckState, SharingMode
from pytest_mmbench.models.load import silence_transformers
from pytest_mmbench.models.local import LocalModel, load
from pytest_mmbench.records import Answer, OptionLogprob, Request

Asks = Callable[..., Request]
Models = Callable[[str], LocalModel]
Checkpoints = Callable[[str], Path]

pytestmark = pytest.mark.torch

SEVERAL_PICTURES = (
    *("llava", "llava_next", "idefics3", "gemma3"),
    *torchvision_checkpoints.BUILDERS,
)
WITHOUT_PICTURES = ("llama", *SEVERAL_PICTURES)
ALL = ("llama", *SEVERAL_PICTURES, "paligemma", "instructblip_t5", "instructblip_opt")


def questions(name: str, ask: Asks) -> list[Request]:
    """Questions of different lengths, with as many and as few pictures as the model can take."""
    requests = []
    if name != "llama":
        requests += [
            ask("What colour is this?", 1),
            ask("How?", 2, options=("green", "red")),
            ask("What colour is this, and how many are there?", 3, size=(40, 16)),
        ]
    if name in SEVERAL_PICTURES:
        requests += [
            ask("How many are there?", 4, 5),
            ask("Which?", 6, 7, options=("red", "a b c d")),
        ]
    if name in WITHOUT_PICTURES:
        requests += [ask("How many?"), ask("What colour is this, and how many are there?")]
    return requests


def logs(answer: Answer) -> list[float]:
    return [option.logprob for option in answer.option_logprobs]


def naive(model: LocalModel, request: Request) -> list[OptionLogprob]:
    """Each option by a forward pass of its own over one sequence without any padding."""
    network, encoder = model._network, model._sharing.encoder
    with torch.inference_mode(), silence_transformers():
        inputs = encoder.encode([request]).inputs
        return [
            OptionLogprob(logprob=_whole(network, inputs, tokens), tokens=len(tokens))
            for tokens in encoder.option_tokens([request], inputs)[0]
        ]


def _whole(network: Any, inputs: dict[str, Any], tokens: tuple[int, ...]) -> float:
    option = torch.tensor([tokens])
    if getattr(network.config, "text_config", network.config).is_encoder_decoder:
        return float(-network(**inputs, labels=option).loss * len(tokens))
    start = inputs["input_ids"].shape[1]
    types = 1 if network.config.model_type == "paligemma" else 0
    more = {"attention_mask": 1, "token_type_ids": types, "mm_token_type_ids": 0}
    longer = {
        key: torch.cat([inputs[key], torch.full_like(option, value)], dim=1)
        for key, value in more.items()
        if key in inputs
    }
    ids = torch.cat([inputs["input_ids"], option], dim=1)
    logits = network(**inputs | longer | {"input_ids": ids}).logits[0].double().log_softmax(-1)
    return sum(float(logits[start + i - 1, token]) for i, token in enumerate(tokens))


@pytest.mark.parametrize("name", marked(*ALL))
def test_ranks_as_a_naive_forward_pass_per_option(name: str, models: Models, ask: Asks) -> None:
    """Whatever is shared or batched, the likelihoods are those of the definition."""
    model = models(name)
    for request, answer in zip(questions(name, ask), model.rank(questions(name, ask)), strict=True):
        expected = naive(model, request)
        assert logs(answer) == pytest.approx([option.logprob for option in expected], abs=1e-4)
        assert [option.tokens for option in answer.option_logprobs] == [
            option.tokens for option in expected
        ]


@pytest.mark.parametrize("name", marked(*ALL))
def test_ranks_in_a_batch_as_one_by_one(name: str, models: Models, ask: Asks) -> None:
    """A request's likelihoods do not depend on its neighbours."""
    model, requests = models(name), questions(name, ask)
    together = model.rank(requests)
    assert [answer.sample for answer in together] == [request.sample for request in requests]
    for request, answer in zip(requests, together, strict=True):
        assert logs(answer) == pytest.approx(logs(model.rank([request])[0]), abs=1e-4)


@pytest.mark.parametrize("name", marked(*ALL))
def test_generates_in_a_batch_as_one_by_one(name: str, models: Models, ask: Asks) -> None:
    """A request's text does not depend on its neighbours."""
    model, requests = models(name), questions(name, ask)
    together = model.generate(requests)
    assert together == [model.generate([request])[0] for request in requests]
    assert any(answer.text for answer in together)


@pytest.mark.parametrize("name", marked("llama", *SEVERAL_PICTURES, "paligemma"))
def test_shares_the_cache(name: str, models: Models, ask: Asks) -> None:
    """Decoders are asked the fast way, after it was checked against the plain one."""
    model = models(name)
    model.rank(questions(name, ask)[:1])
    assert model._sharing.checks[SharingMode.PROMPTS, name != "llama"] is CheckState.PASSED


def test_what_is_compared_would_show_a_difference(
    checkpoints: Checkpoints, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A prompt without padding, or whose options are one token each, says nothing of a cache."""
    long, middle = "What colour is this, and how many are there?", "What colour is this?"
    requests = [ask(long * 2), ask(long, options=("red", "blue")), ask(middle), ask("How?")]
    expected = load(str(checkpoints("llama")), device="cpu")
    one_by_one = [logs(expected.rank([request])[0]) for request in requests]

    def by_padding(_network: object, inputs: Any, rows: torch.Tensor) -> torch.Tensor:
        shown: torch.Tensor = inputs["attention_mask"][rows]
        return (shown == 0).sum(-1, keepdim=True)

    monkeypatch.setattr(loglikelihood, "_position_shift", by_padding)
    model = load(str(checkpoints("llama")), device="cpu")
    answers = model.rank(requests)
    assert model._sharing.checks[SharingMode.PROMPTS, False] is CheckState.FAILED
    for answer, logprobs in zip(answers, one_by_one, strict=True):
        assert logs(answer) == pytest.approx(logprobs, abs=1e-4)


@pytest.mark.parametrize("name", marked(*(name for name in ALL if name != "llama")))
def test_looks_at_the_picture(name: str, models: Models, ask: Asks) -> None:
    """Another picture gives other likelihoods: what is tested above is not blind."""
    model = models(name)
    one, other = model.rank([ask("What colour is this?", seed) for seed in (1, 9)])
    assert max(abs(a - b) for a, b in zip(logs(one), logs(other), strict=True)) > 1e-3
