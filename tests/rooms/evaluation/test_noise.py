import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stat_vectors import vectors

from pytest_mmbench.errors import DataError
from pytest_mmbench.evaluation.noise import (
    SAMPLES,
    RepeatedLogprobs,
    calibration_requests,
    measured_tolerance,
    noise,
    tolerance_for,
)
from pytest_mmbench.records import Answer, OptionLogprob, Prompt, Request, RequestType, Turn
from pytest_mmbench.results.tolerance import default_tolerance
from pytest_mmbench.scorers.likelihood import margin, option_logprobs

nats = st.floats(-50, 0)
repeats = st.lists(
    st.integers(2, 6).flatmap(
        lambda size: st.builds(
            RepeatedLogprobs, first=st.tuples(*[nats] * size), second=st.tuples(*[nats] * size)
        )
    ),
    min_size=1,
    max_size=10,
)


@pytest.mark.parametrize(("inputs", "expected"), vectors("margin"))
def test_the_margin_agrees_with_the_vectors(
    inputs: dict[str, list[float]], expected: dict[str, float]
) -> None:
    """It is the difference of the two largest log-probabilities, whatever their order."""
    found = margin(inputs["option_logprobs"])

    assert found == pytest.approx(expected["logprob_margin"], abs=1e-9)
    assert margin(inputs["option_logprobs"][::-1]) == found


@given(st.lists(nats, min_size=2, max_size=6))
def test_a_margin_needs_no_normalising(logs: list[float]) -> None:
    """Probabilities that are first made to add up to 1 over the options have the same margin."""
    total = np.logaddexp.reduce(logs)

    assert margin([each - total for each in logs]) == pytest.approx(margin(logs), abs=1e-9)
    assert margin(logs) >= 0


def test_an_option_without_a_rival_wins_by_infinity() -> None:
    """So do answers that were generated: no noise is wide enough to explain their change."""
    assert margin([-3.0]) == margin(option_logprobs(Answer(sample="s", text="B"))) == math.inf


def test_options_are_worth_what_they_are_ranked_by() -> None:
    """A long option gains where likelihood is a mean over its tokens."""
    short, long = OptionLogprob(logprob=-2.0, tokens=1), OptionLogprob(logprob=-3.0, tokens=6)
    answer = Answer(sample="s", option_logprobs=(short, long))

    assert option_logprobs(answer) == (-2.0, -3.0)
    assert option_logprobs(answer, mean=True) == (-2.0, -0.5)


@given(repeats, nats)
def test_what_all_options_share_is_no_noise(found: list[RepeatedLogprobs], shift: float) -> None:
    """A constant that is added to every option of an answer changes nothing."""
    moved = [
        RepeatedLogprobs(first=each.first, second=tuple(nat + shift for nat in each.second))
        for each in found
    ]

    assert noise(moved) == pytest.approx(noise(found), abs=1e-9)


@given(repeats)
def test_the_order_of_two_answers_is_no_noise(found: list[RepeatedLogprobs]) -> None:
    """It is as far from the first answer to the second as back."""
    back = [RepeatedLogprobs(first=each.second, second=each.first) for each in found]

    assert noise(back) == pytest.approx(noise(found), abs=1e-9)


def test_equal_answers_have_no_noise() -> None:
    """Where a machine repeats itself to the last bit, only exact ties are near ties."""
    same = RepeatedLogprobs(first=(-1.0, -2.5), second=(-1.0, -2.5))

    assert tolerance_for(noise([same])) == 0


@pytest.mark.parametrize("options", [2, 4, 7])
def test_noise_is_measured_without_bias(options: int) -> None:
    """Normal changes of standard deviation 0.05 are found again, for any number of options.

    20,000 samples tell it to 2 % with at least four standard errors.
    """
    rng = np.random.default_rng(options)
    before = rng.normal(0, 2, size=(20_000, options))
    after = before + rng.normal(0, 0.05, size=before.shape) + rng.normal(0, 1, size=(20_000, 1))

    found = noise(
        RepeatedLogprobs(first=tuple(first), second=tuple(second))
        for first, second in zip(before.tolist(), after.tolist(), strict=True)
    )

    assert found == pytest.approx(0.05, rel=0.02)


def test_noise_alone_hardly_turns_an_answer_beyond_the_tolerance() -> None:
    """Noise alone turns many answers near a tie, and one in 16,000 beyond the tolerance at most."""
    rng = np.random.default_rng(3)
    options = rng.normal(0, 0.1, size=(300_000, 4))
    before = options + rng.normal(0, 0.05 / math.sqrt(2), size=options.shape)
    after = options + rng.normal(0, 0.05 / math.sqrt(2), size=options.shape)
    turned = before.argmax(axis=1) != after.argmax(axis=1)
    best = [np.sort(each, axis=1) for each in (before, after)]
    wider = np.maximum(*(each[:, -1] - each[:, -2] for each in best))

    assert turned.sum() > 10_000
    assert (turned & (wider > tolerance_for(0.05))).sum() <= 300_000 / 16_000


@pytest.mark.parametrize(("inputs", "expected"), vectors("flip_class"))
def test_the_tolerance_agrees_with_the_vectors(
    inputs: dict[str, float], expected: dict[str, Any]
) -> None:
    """It is 4 sqrt(2) times the noise."""
    assert tolerance_for(inputs["eps"]) == pytest.approx(expected["tol"], abs=1e-12)


@pytest.mark.parametrize(
    ("dtype", "nats"),
    [("float32", 1e-3), ("torch.float16", 0.06), ("bfloat16", 0.5), ("float8_e4m3fn", 0.5)],
)
def test_precisions_have_tolerances(dtype: str, nats: float) -> None:
    """Without a measurement the precision decides; one that is not known counts as the coarsest."""
    assert default_tolerance(dtype) == nats


def test_noise_needs_something_to_measure() -> None:
    """Nothing asked twice, or nothing with two options, is an error that says what would help."""
    for nothing in (
        [],
        [RepeatedLogprobs(first=(-1.0,), second=(-2.0,))],
        [RepeatedLogprobs(first=(), second=())],
    ):
        with pytest.raises(DataError, match="no sample with two options was asked twice"):
            noise(nothing)


def test_two_requests_are_no_repeat() -> None:
    """Answers with other numbers of options are refused."""
    with pytest.raises(DataError, match="with 2 options and with 3"):
        noise([RepeatedLogprobs(first=(-1.0, -2.0), second=(-1.0, -2.0, -3.0))])


class Noisy:
    """A model whose log-probabilities have normal noise, other at every call."""

    name, fingerprint, batch_size = "noisy", "noisy-1", 8

    def __init__(self, sigma: float, tokens: int = 1) -> None:
        self._sigma = sigma
        self._tokens = tokens
        self._dice = random.Random(7)
        self.batches: list[int] = []

    def rank(self, requests: Sequence[Request]) -> list[Answer]:
        self.batches.append(len(requests))
        return [self._answer(request) for request in requests]

    def _answer(self, request: Request) -> Answer:
        logs = (
            -1.0 - at + self._dice.gauss(0, self._sigma) for at, _ in enumerate(request.options)
        )
        found = tuple(OptionLogprob(logprob=log, tokens=self._tokens) for log in logs)
        return Answer(sample=request.sample, option_logprobs=found)

    def generate(self, requests: Sequence[Request]) -> list[Answer]:
        raise NotImplementedError


def requests(
    count: int, options: int = 4, ask: RequestType = RequestType.LOGLIKELIHOOD
) -> list[Request]:
    prompt = Prompt(turns=(Turn(role="user", parts=("?",)),))
    letters = tuple("ABCDEFGH"[:options])
    return [
        Request(sample=str(at), type=ask, prompt=prompt, options=letters) for at in range(count)
    ]


def test_some_are_asked_again() -> None:
    """At most 64 ranked requests, the same for a seed; all if there are fewer."""
    many = requests(500)

    assert len(calibration_requests(many, 0)) == SAMPLES
    assert (
        calibration_requests(many, 0)
        == calibration_requests(many, 0)
        != calibration_requests(many, 1)
    )
    assert {each.sample for each in calibration_requests(requests(5), 0)} == set("01234")
    assert calibration_requests(requests(5, options=1), 0) == []
    assert calibration_requests(requests(5, ask=RequestType.GENERATE), 0) == []


@pytest.mark.parametrize("sigma", [1e-5, 0.02])
def test_the_tolerance_is_four_sigma_of_a_margin(sigma: float) -> None:
    """Noise of known size is found again within a tenth: 4 sqrt(2) times sqrt(2) sigma.

    Each answer has the noise once, so that a change has it sqrt(2) times.
    """
    model, asked = Noisy(sigma), requests(SAMPLES)

    found = measured_tolerance(model, asked, model.rank(asked))

    assert found == pytest.approx(8 * sigma, rel=0.1)


def test_noise_is_measured_as_margins_are() -> None:
    """Per token, noise is a tenth of that of ten tokens, and so are the margins beside it."""
    asked = requests(SAMPLES)
    model, same = Noisy(0.1, tokens=10), Noisy(0.1, tokens=10)

    whole = measured_tolerance(model, asked, model.rank(asked))
    shared = measured_tolerance(same, asked, same.rank(asked), mean=True)

    assert shared == pytest.approx(whole / 10)


def test_they_are_asked_in_other_company() -> None:
    """Alone, and in threes."""
    model, asked = Noisy(0.1), requests(7)
    known = model.rank(asked)

    measured_tolerance(model, asked, known)

    assert model.batches == [7, *[1] * 7, 3, 3, 1]
