"""How tokens are drawn: by the law that is set, for each row by itself."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from scipy import stats

from pytest_mmbench.records import Prompt, Request, RequestType, Turn
from pytest_mmbench.records.generation import Sampling

if TYPE_CHECKING:
    from pytest_mmbench.models.local import LocalModel

pytestmark = pytest.mark.torch
LOGITS = [2.0, 1.5, 1.0, 0.0, -1.0, -6.0]
DRAWS = 4000


def request(number: int, **law: Any) -> Request:
    prompt = Prompt(turns=(Turn(role="user", parts=("?",)),))
    sampling = Sampling(**{"temperature": 1.0, "seed": number, **law})
    return Request(
        sample="1", type=RequestType.GENERATE, prompt=prompt, new_tokens=12, sampling=sampling
    )


def drawn(requests: Sequence[Request]) -> list[int]:
    """The tokens that are drawn from the same logits, one a row."""
    import torch  # noqa: PLC0415

    from pytest_mmbench.models.drawing import TokenDraw  # noqa: PLC0415

    draw = TokenDraw(requests, torch.device("cpu"))
    scores = draw(torch.zeros(len(requests), 1), torch.tensor([LOGITS] * len(requests)))
    assert (scores > -math.inf).sum(-1).tolist() == [1] * len(requests)
    tokens: list[int] = scores.argmax(-1).tolist()
    return tokens


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_tokens_are_drawn_as_likely_as_the_temperature_makes_them(temperature: float) -> None:
    """By Pearson's test of the counts, whose p-value is no accident: the seeds are fixed."""
    counts = Counter(drawn([request(each, temperature=temperature) for each in range(DRAWS)]))
    weights = [math.exp(logit / temperature) for logit in LOGITS]
    expected = [DRAWS * weight / sum(weights) for weight in weights]
    observed = [counts[token] for token in range(len(LOGITS))]

    # The two rarest count together.
    seen, due = ([*map(float, each[:-2]), float(sum(each[-2:]))] for each in (observed, expected))
    assert stats.chisquare(seen, due).pvalue > 0.01


@pytest.mark.parametrize(
    ("law", "tokens"),
    [
        ({"top_k": 1}, {0}),
        ({"top_k": 2}, {0, 1}),
        ({"top_p": 0.01}, {0}),
        ({"top_p": 0.6}, {0, 1}),
        ({"top_p": 0.6, "temperature": 0.1}, {0}),
        ({"temperature": 0.001}, {0}),
    ],
)
def test_what_the_law_leaves_out_is_not_drawn(law: dict[str, float], tokens: set[int]) -> None:
    """The largest stay, or the fewest that are likely enough together."""
    assert {*drawn([request(each, **law) for each in range(200)])} == tokens


def test_a_row_is_drawn_by_its_own_seed_and_question() -> None:
    """Whatever stands beside it; another question or another repeat is drawn anew."""
    requests = [request(each) for each in range(40)]
    backwards = drawn(requests[::-1])[::-1]

    assert backwards == drawn(requests) == [drawn([each])[0] for each in requests]
    keyed = [
        replace(request(0), sampling=Sampling(temperature=1.0, key=str(each))) for each in range(40)
    ]
    assert len({*drawn(keyed)}) > 2
    assert drawn(keyed) != drawn(requests)


@pytest.mark.parametrize("name", ["llava", "instructblip_t5"])
def test_an_answer_does_not_depend_on_its_neighbours(
    name: str, models: Callable[[str], LocalModel], ask: Callable[..., Request]
) -> None:
    """In a batch as alone, in any order, and with repeats of itself beside it."""
    model = models(name)
    questions = [
        replace(
            ask(question, 1, options=()),
            type=RequestType.GENERATE,
            new_tokens=6,
            sampling=Sampling(temperature=2.0, seed=seed),
        )
        for question in ("What colour is this?", "How many are there? How many?", "red")
        for seed in range(2)
    ]
    answers = model.generate(questions)

    assert answers == model.generate(questions[::-1])[::-1]
    assert answers == [model.generate([each])[0] for each in questions]
    greedy = model.generate([replace(each, sampling=None) for each in questions])
    texts = [each.text for each in answers]
    assert texts[0] != texts[1]
    assert texts != [each.text for each in greedy]
