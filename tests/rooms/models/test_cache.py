"""Pictures that several prompts of a batch show are read once, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torchvision_checkpoints import marked

from pytest_mmbench.models import cache, loglikelihood
from pytest_mmbench.models.batch_checks import BatchMode, CheckState
from pytest_mmbench.models.local import LocalModel, load
from pytest_mmbench.records import Answer, Request

Asks = Callable[..., Request]
Checkpoints = Callable[[str], Path]

pytestmark = pytest.mark.torch

CAUSAL = (
    *("llava", "llava_next", "idefics3", "gemma3_wide"),
    *("llava_next_fast", "mistral3", "pixtral", "smolvlm"),
)
PATCHES = ("qwen2_vl", "qwen2_5_vl")
OTHERS = (*PATCHES, "gemma3", "paligemma", "instructblip_t5", "instructblip_opt")
QUESTIONS = ("What colour is this?", "How?", "What colour is this, and how many are there?")
WAY = (BatchMode.PICTURES, True)


@pytest.fixture
def fresh(checkpoints: Checkpoints) -> Callable[[str], LocalModel]:
    """Loads a tiny checkpoint that nobody has asked anything yet."""
    return lambda name: load(str(checkpoints(name)), device="cpu")


def about(ask: Asks, *pictures: int) -> list[Request]:
    """Three questions about the same pictures."""
    return [ask(question, *pictures) for question in QUESTIONS]


def logs(answers: list[Answer]) -> list[float]:
    return [option.logprob for answer in answers for option in answer.option_logprobs]


def states(model: LocalModel) -> dict[tuple[BatchMode, bool], set[CheckState]]:
    """What came of each way that was compared, by whether prompts show pictures."""
    return {way: {*found.values()} for way, found in model._sharing.checks.states.items()}


def one_by_one(model: LocalModel, requests: list[Request]) -> list[Answer]:
    """Each in a batch of its own, where there is nothing to share."""
    return [model.rank([request])[0] for request in requests]


def wrong(
    _network: Any, _inputs: Any, _cache: Any, choices: Sequence[Any], **_: Any
) -> torch.Tensor:
    """What a cache that does not bear sharing might give."""
    return torch.full((len(choices),), -99.0)


@pytest.mark.parametrize("name", marked(*CAUSAL, *OTHERS))
def test_shared_pictures_change_no_likelihood(
    name: str, fresh: Callable[[str], LocalModel], ask: Asks
) -> None:
    """Whether they are read once or for every prompt, options are as likely."""
    model, requests = fresh(name), [*about(ask, 1), *about(ask, 2), ask("Which?", 3)]
    expected = one_by_one(model, requests)

    assert WAY not in model._sharing.checks.states
    assert logs(model.rank(requests)) == pytest.approx(logs(expected), abs=1e-3)


@pytest.mark.parametrize("name", marked(*CAUSAL))
def test_causal_networks_earn_it(name: str, fresh: Callable[[str], LocalModel], ask: Asks) -> None:
    """The first batch is checked against the plain way, and later ones are shared too."""
    model = fresh(name)
    model.rank(about(ask, 1))
    assert states(model) == {WAY: {CheckState.PASSED}}
    later = about(ask, 4)
    assert logs(model.rank(later)) == pytest.approx(logs(one_by_one(model, later)), abs=1e-3)


@pytest.mark.parametrize("name", marked(*CAUSAL))
def test_several_pictures_are_shared_together(
    name: str, fresh: Callable[[str], LocalModel], ask: Asks
) -> None:
    """Prompts share them if they show the same ones in the same order."""
    model = fresh(name)
    requests = [*about(ask, 1, 2), *about(ask, 2, 1), ask("Which?", 1, 1)]
    answers = model.rank(requests)
    assert states(model) == {WAY: {CheckState.PASSED}}
    assert logs(answers) == pytest.approx(logs(one_by_one(model, requests)), abs=1e-3)


@pytest.mark.parametrize("name", marked(*CAUSAL))
def test_each_picture_is_read_once(
    name: str, fresh: Callable[[str], LocalModel], ask: Asks
) -> None:
    """The network is given as many pictures as there are different ones."""
    model = fresh(name)
    model.rank(about(ask, 1))
    given: list[int] = []

    def note(_network: Any, _args: Any, inputs: dict[str, Any]) -> None:
        given.append(len(inputs.get("pixel_values", ())))

    model._network.register_forward_pre_hook(note, with_kwargs=True)
    model.rank([*about(ask, 2), ask("Which?", 3)])
    assert given[0] == 2
    assert sum(given) == 2


def test_a_window_that_would_count_padding_is_not_shared(
    fresh: Callable[[str], LocalModel], ask: Asks
) -> None:
    """Between a shared beginning and a short end lies padding, which a sliding window counts."""
    model = fresh("gemma3")
    model.rank(about(ask, 1))
    assert states(model)[WAY] == {CheckState.FAILED}


@pytest.mark.parametrize("name", ["paligemma", "instructblip_t5", "instructblip_opt"])
def test_pictures_that_see_the_question_are_not_shared(
    name: str, fresh: Callable[[str], LocalModel], ask: Asks
) -> None:
    """Attention both ways and Q-Formers make something else of a picture for each question."""
    model = fresh(name)
    model.rank(about(ask, 1))
    assert WAY not in model._sharing.checks.states


def test_a_network_that_gives_something_else_loses_it(
    fresh: Callable[[str], LocalModel], ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PaliGemma, taken for a causal network, is found out by the comparison."""
    monkeypatch.setattr(cache, "_ATTENDS_BOTH_WAYS", frozenset())
    model, requests = fresh("paligemma"), about(ask, 1)
    answers = model.rank(requests)
    assert states(model)[WAY] == {CheckState.FAILED}
    assert logs(answers) == pytest.approx(logs(one_by_one(model, requests)), abs=1e-3)


def test_single_tokens_earn_no_trust_for_longer_options(
    fresh: Callable[[str], LocalModel], ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are read without a cache: what comes of one is compared when it is first used."""
    model, short = fresh("llava"), ("red", "blue")
    model.rank([ask(question, 1, options=short) for question in QUESTIONS])
    assert states(model) == {WAY: {CheckState.PASSED}}

    monkeypatch.setattr(loglikelihood, "_score_later_tokens", wrong)
    answers, requests = model.rank(about(ask, 2)), about(ask, 2)
    assert states(model)[WAY] == {CheckState.PASSED, CheckState.FAILED}
    assert logs(answers) == pytest.approx(logs(one_by_one(model, requests)), abs=1e-3)


def test_different_pictures_are_not_taken_for_the_same(
    fresh: Callable[[str], LocalModel], ask: Asks
) -> None:
    """Equal questions about different pictures have nothing to share."""
    model = fresh("llava")
    one, other = model.rank([ask("Which?", seed) for seed in (1, 9)])
    assert WAY not in model._sharing.checks.states
    assert logs([one]) != pytest.approx(logs([other]), abs=1e-3)
