"""Trust in a way of computing a batch is earned against the network's own unaided forward."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import grid_networks
import pytest
import torch
from grid_networks import Family, GridEncoder
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.models import batch_checks
from pytest_mmbench.models.batch_checks import BatchChecks, BatchMode, CheckState, Trait
from pytest_mmbench.models.cache import CacheSharing
from pytest_mmbench.models.local import LocalModel, greedy_config, load
from pytest_mmbench.models.loglikelihood import counts_positions
from pytest_mmbench.records import Answer, Request

Asks = Callable[..., Request]
Checkpoints = Callable[[str], Path]

pytestmark = pytest.mark.torch

RIGHT: dict[str, Family] = {**grid_networks.ONE_AXIS, **grid_networks.THREE_AXES}
WRONG = grid_networks.WRONG_IN_BATCHES
FAMILIES = {**RIGHT, **WRONG}
LONG = "11 12 13 14 15 16 17"


@pytest.fixture(autouse=True)
def no_gradients() -> Iterator[None]:
    """As in a run."""
    with torch.inference_mode():
        yield


def with_pictures() -> list[Request]:
    """Of unequal length, about pictures of unequal size."""
    return [
        grid_networks.ask(LONG, "4x4 seed 1"),
        grid_networks.ask("21 22", "2x4 seed 2"),
        grid_networks.ask("31 32 33", "4x2 seed 3", options=("7", "40 41 42", "9 8")),
    ]


def batches() -> dict[str, list[Request]]:
    one = grid_networks.ask(LONG, "4x4 seed 1")
    return {
        "pictures": with_pictures(),
        "text": [grid_networks.ask(LONG), grid_networks.ask("21 22")],
        "equal": [one, one],
        "two pictures": [
            grid_networks.ask(LONG, "4x4 seed 1", "2x4 seed 2"),
            grid_networks.ask("21 22", "2x2 seed 3", "4x2 seed 4"),
        ],
        "one": [one],
    }


def sharing(family: Family) -> CacheSharing:
    encoder: Any = GridEncoder(family=family)
    return CacheSharing(network=family.build(), encoder=encoder, dtype="float32")


def logs(batch_logprobs: Sequence[Sequence[Any]]) -> list[float]:
    return [option.logprob for of_prompt in batch_logprobs for option in of_prompt]


def plain_calls(network: Any, encoder: GridEncoder, request: Request) -> list[float]:
    """What transformers gives for one prompt and each option, without anything from outside."""
    inputs = encoder.encode([request]).inputs
    logprobs = []
    for option in encoder.option_tokens([request], inputs)[0]:
        tokens = torch.tensor([option])
        more = {"input_ids": tokens, "attention_mask": torch.ones_like(tokens)}
        more["mm_token_type_ids"] = torch.zeros_like(tokens)
        longer = {
            name: torch.cat([inputs[name], more[name]], dim=1) for name in more if name in inputs
        }
        logits = network(**inputs | longer).logits[0].double().log_softmax(-1)
        start = inputs["input_ids"].shape[1] - 1
        logprobs.append(sum(float(logits[start + at, token]) for at, token in enumerate(option)))
    return logprobs


@pytest.mark.parametrize("batch", batches())
@pytest.mark.parametrize("name", FAMILIES)
def test_every_batch_gives_what_plain_calls_give(name: str, batch: str) -> None:
    """Whatever the network makes of positions and of batches: the likelihoods are those of one."""
    model, requests = sharing(FAMILIES[name]), batches()[batch]
    encoder = GridEncoder(family=FAMILIES[name])
    expected = [
        each for request in requests for each in plain_calls(model._network, encoder, request)
    ]
    assert logs(model.option_logprobs(requests)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("name", RIGHT)
def test_networks_that_are_right_in_batches_stay_fast(name: str) -> None:
    """Options go on from the prompts' cache, and nothing has to be said."""
    model = sharing(RIGHT[name])
    model.option_logprobs(with_pictures())
    assert set(model.checks.states) == {(BatchMode.PROMPTS, True)}
    assert {*model.checks.states[BatchMode.PROMPTS, True].values()} == {CheckState.PASSED}
    assert model.checks.notes == ()


@pytest.mark.parametrize("name", WRONG)
def test_networks_that_are_wrong_in_batches_are_asked_one_by_one(name: str) -> None:
    """The run says so, once, and each prompt still shares its cache between its options."""
    model = sharing(WRONG[name])
    model.option_logprobs(with_pictures())
    states = model.checks.states
    assert {*states[BatchMode.PLAIN, True].values()} == {CheckState.FAILED}
    assert states[BatchMode.PROMPTS, True][frozenset({Trait.LONG_OPTIONS})] is CheckState.PASSED
    (note,) = model.checks.notes
    assert note.startswith("self-check: prompts with pictures (several prompts, unequal")
    assert note.endswith("prompts are asked one by one there")


@pytest.mark.parametrize("name", FAMILIES)
def test_the_network_is_asked_whether_it_counts(name: str) -> None:
    """The names of its inputs would say it of all of them, or of none."""
    family = FAMILIES[name]
    network, encoder = family.build(), GridEncoder(family=family)
    pictures, text = (encoder.encode(batches()[batch]).inputs for batch in ("pictures", "text"))
    assert counts_positions(network, pictures) is (name not in grid_networks.ONE_AXIS)
    assert not counts_positions(network, text)


@pytest.mark.parametrize("name", FAMILIES)
def test_generation_in_a_batch_is_compared_too(name: str) -> None:
    """Its first tokens are as likely as in the network's own forward, or it goes one by one."""
    family = FAMILIES[name]
    model = sharing(family)
    requests = [
        grid_networks.ask(LONG, "4x4 seed 1", new_tokens=4),
        grid_networks.ask("21 22", "2x4 seed 2", new_tokens=4),
    ]
    encoded = GridEncoder(family=family).encode(requests)
    config = greedy_config(max_new_tokens=4, eos_token_id=2, pad_token_id=0)
    assert model.can_generate_together(requests, encoded, config) is (name in RIGHT)
    assert bool(model.checks.notes) is (name in WRONG)


def ignore_padding(model: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the network read the padding of a batch as if it were text."""
    forward = model._network.forward

    @wraps(forward)
    def padding_as_text(input_ids: torch.Tensor, **inputs: Any) -> Any:
        if len(input_ids) > 1 and "attention_mask" in inputs:
            inputs["attention_mask"] = torch.ones_like(inputs["attention_mask"])
            inputs.pop("position_ids", None)
        return forward(input_ids=input_ids, **inputs)

    monkeypatch.setattr(model._network, "forward", padding_as_text)


QUESTIONS = ("What colour is this, and how many are there?", "How?", "Which of these is red?")


def answers_of(answers: list[Answer]) -> list[float]:
    return [option.logprob for answer in answers for option in answer.option_logprobs]


def test_a_network_that_ignores_padding_is_asked_one_by_one(
    checkpoints: Checkpoints, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first batch may have no padding, and earns it nothing for one that has."""
    right, broken = (load(str(checkpoints("llava")), device="cpu") for _ in range(2))
    ignore_padding(broken, monkeypatch)
    equal = [ask("How?", seed) for seed in (1, 2)]
    unequal = [ask(question, seed) for seed, question in enumerate(QUESTIONS)]
    assert answers_of(broken.rank(equal)) == pytest.approx(answers_of(right.rank(equal)), abs=1e-4)
    assert not broken.notes

    expected = [right.rank([request])[0] for request in unequal]
    assert answers_of(broken.rank(unequal)) == pytest.approx(answers_of(expected), abs=1e-4)
    (note,) = broken.notes
    assert "unequal lengths" in note
    assert "one by one" in note


def test_texts_of_a_network_that_ignores_padding(
    checkpoints: Checkpoints, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Generated texts are those that each prompt gets alone."""
    right, broken = (load(str(checkpoints("llava")), device="cpu") for _ in range(2))
    requests = [ask(question, seed) for seed, question in enumerate(QUESTIONS)]
    expected = [right.generate([request])[0] for request in requests]
    ignore_padding(broken, monkeypatch)
    assert broken.generate(requests) == expected
    assert "one by one" in broken.notes[0]


def test_pictures_that_are_padded_to_the_largest_of_a_batch(
    checkpoints: Checkpoints, ask: Asks
) -> None:
    """Emu3's codebook sees the padding of smaller pictures: batches of equal ones stay together."""
    model = load(str(checkpoints("emu3")), device="cpu")
    equal = [ask(question, seed) for seed, question in enumerate(QUESTIONS)]
    sizes = ((20, 28), (40, 16), (16, 16))
    unequal = [
        ask(question, seed, size=size)
        for seed, (question, size) in enumerate(zip(QUESTIONS, sizes, strict=True))
    ]
    for requests in (equal, unequal):
        alone = load(str(checkpoints("emu3")), device="cpu")
        expected = [alone.rank([request])[0] for request in requests]
        assert answers_of(model.rank(requests)) == pytest.approx(answers_of(expected), abs=1e-4)
    assert "unequal pictures" in model.notes[0]


def test_half_precision_keeps_what_only_rounds(checkpoints: Checkpoints, ask: Asks) -> None:
    """Its noise is measured: what is right in float32 is shared in bfloat16 too."""
    model = load(str(checkpoints("llava")), device="cpu", dtype="bfloat16")
    model.rank([ask(question, seed) for seed, question in enumerate(QUESTIONS)])
    assert model.notes == ()
    assert {*model._sharing.checks.states[BatchMode.PROMPTS, True].values()} == {CheckState.PASSED}


def test_a_network_that_needs_positions_gets_them(
    checkpoints: Checkpoints, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unaided forward may be refused: that ends no run."""
    expected = load(str(checkpoints("llama")), device="cpu").rank([ask("How?")])
    model = load(str(checkpoints("llama")), device="cpu")
    forward = model._network.forward

    @wraps(forward)
    def demanding(input_ids: torch.Tensor, position_ids: torch.Tensor, **inputs: Any) -> Any:
        return forward(input_ids=input_ids, position_ids=position_ids, **inputs)

    monkeypatch.setattr(model._network, "forward", demanding)
    assert answers_of(model.rank([ask("How?")])) == pytest.approx(answers_of(expected), abs=1e-4)


traits = st.frozensets(st.sampled_from(Trait))


@given(st.lists(st.tuples(traits, st.booleans())), traits)
def test_trust_holds_for_less_and_distrust_for_more(
    found: list[tuple[batch_checks.Traits, bool]], asked: batch_checks.Traits
) -> None:
    """A batch is trusted only if one with all its traits passed, and none with fewer failed."""
    checks = BatchChecks()
    for known, passed in found:
        checks.record(
            BatchMode.PLAIN, known, pictures=True, difference=0.0 if passed else 1.0, tolerance=0.1
        )
    last = dict(found)
    state = checks.state(BatchMode.PLAIN, asked, pictures=True)
    if any(not passed and known <= asked for known, passed in last.items()):
        assert state is CheckState.FAILED
    elif any(passed and known >= asked for known, passed in last.items()):
        assert state is CheckState.PASSED
    else:
        assert state is None
    assert checks.state(BatchMode.PLAIN, asked, pictures=False) is None


@pytest.mark.parametrize("difference", [float("inf"), 0.3])
def test_what_differs_is_told_with_its_size(difference: float) -> None:
    """A reader sees which batches, by how much, and what is done about it."""
    checks = BatchChecks()
    traits = frozenset({Trait.SEVERAL, Trait.PADDING})
    checks.record(BatchMode.GENERATE, traits, pictures=False, difference=difference, tolerance=1e-4)
    found = "several prompts, unequal lengths"
    size = "0.3 nats a token" if difference < 1 else "NaN"
    assert checks.notes[0] == (
        f"self-check: prompts without pictures ({found}) differ from the network's own forward by"
        f" {size}, 0.0001 allowed: prompts are asked one by one there"
    )


def test_a_refusal_is_no_news() -> None:
    """A network that cannot share is slower, and right: nothing has to be said."""
    checks = BatchChecks()
    checks.record(BatchMode.PROMPTS, frozenset(), pictures=True, difference=None, tolerance=1e-4)
    assert checks.notes == ()
    assert checks.state(BatchMode.PROMPTS, frozenset(), pictures=True) is CheckState.FAILED
