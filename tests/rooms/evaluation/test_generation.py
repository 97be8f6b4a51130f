from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.conditions import condition
from pytest_mmbench.evaluation.generation import abridged, decoded, ended, without_defaults
from pytest_mmbench.evaluation.selection import BenchmarkSelection, Task
from pytest_mmbench.records import Answer, Mark, Method, Prompt, Request, Turn
from pytest_mmbench.records.generation import Decoding

SHAPES = Shapes(per_axis=2)
SAMPLE = SHAPES.sample("counting-0001")
texts = st.text(min_size=1, max_size=20)
settings = st.builds(
    Decoding,
    max_new_tokens=st.integers(0, 3),
    system=st.sampled_from(["", "Be brief.", "Be brief. ", "x" * 70, "x" * 71]),
    thinking=st.sampled_from([None, True, False]),
    stop=st.lists(st.sampled_from(["a", "b", "a, b", '"']), max_size=3).map(tuple),
)


def shapes_request(method: Method) -> Request:
    return SHAPES.request(SAMPLE, method)


def task(decoding: Decoding, *, name: str = "image", method: Method = Method.GENERATE) -> Task:
    nodes = SHAPES.dimensions()
    ids = {leaf: SHAPES.ids(leaf) for leaf in nodes[0].leaves}
    selection = BenchmarkSelection(
        benchmark=SHAPES, method=method, dimensions=nodes, ids=ids, decoding=decoding
    )
    return Task(selection=selection, applied=condition(name), seed=0)


@pytest.mark.parametrize("method", list(Method))
def test_what_is_not_set_changes_nothing(method: Method) -> None:
    """A request without any decoding is the benchmark's own."""
    request = shapes_request(method)

    assert decoded(request, Decoding()) == request


@pytest.mark.parametrize("name", ["image", "no-image"])
def test_a_task_puts_its_requests_as_they_are_set(name: str) -> None:
    """Under every condition; the system speaks first."""
    decoding = Decoding(max_new_tokens=500, system="Be brief.", thinking=True, stop=("###",))
    plain = task(Decoding(), name=name).request(SAMPLE.id)
    request = task(decoding, name=name).request(SAMPLE.id)

    first, *others = request.prompt.turns
    assert first == Turn(role="system", parts=("Be brief.",))
    assert tuple(others) == plain.prompt.turns
    assert (request.new_tokens, request.thinking, request.stop) == (500, True, ("###",))


def test_a_ranked_request_has_no_limit_and_no_end() -> None:
    """What is for generated text leaves it as it is."""
    request = shapes_request(Method.RANK)

    assert decoded(request, Decoding(max_new_tokens=9, stop=("a",))) == request
    assert decoded(request, Decoding(thinking=True)) == replace(request, thinking=True)


def test_a_system_prompt_takes_the_place_of_the_benchmarks_own() -> None:
    """Two of them would contradict each other."""
    request = shapes_request(Method.GENERATE)
    own = Turn(role="system", parts=("Be long.",))
    with_own = replace(request, prompt=Prompt(turns=(own, *request.prompt.turns)))
    decoding = Decoding(system="Be brief.")

    assert decoded(with_own, decoding) == decoded(request, decoding)


@given(settings, settings)
def test_what_is_asked_in_two_ways_has_two_identities(one: Decoding, other: Decoding) -> None:
    """Baselines and snapshots are compared only where every part of it is the same."""
    specs = [task(each).spec for each in (one, other)]

    assert (specs[0] == specs[1]) == (one == other)
    assert (specs[0].identity == specs[1].identity) == (one == other)


def test_an_identity_without_decoding_is_what_it_was() -> None:
    """Snapshots of earlier versions hold it."""
    spec = task(Decoding()).spec

    assert spec.identity == f"{SHAPES.revision} generate shapes image"
    told = task(Decoding(max_new_tokens=9, thinking=False)).spec
    assert told.identity == f"{spec.identity} max-new-tokens=9 thinking=false"


def test_a_limit_that_is_the_benchmarks_own_is_none() -> None:
    """Who writes down what holds anyway keeps answers, baselines and snapshots."""
    ids = SHAPES.ids(SHAPES.dimensions()[0].leaves[0])
    own = shapes_request(Method.GENERATE).new_tokens

    for limit, kept in ((own, 0), (own + 1, own + 1)):
        decoding = Decoding(max_new_tokens=limit, system="Hm.")
        effective = without_defaults(decoding, SHAPES, Method.GENERATE, ids)
        assert effective == replace(decoding, max_new_tokens=kept)


@given(stop=st.lists(texts, max_size=3).map(tuple), text=texts, cut_short=st.booleans())
def test_an_answer_ends_before_the_first_stop(
    stop: tuple[str, ...], text: str, *, cut_short: bool
) -> None:
    """No text of the list is left in it, and what has ended was not cut."""
    answer = Answer(sample="1", text=text, cut_short=cut_short)
    result = ended(answer, Decoding(stop=stop))

    if not any(each in text for each in stop):
        assert result == answer
    else:
        assert not any(each in result.text for each in stop)
        assert text.lstrip().startswith(result.text)
        assert not result.cut_short


def test_what_follows_a_stop_is_not_read() -> None:
    """Also where a model knows nothing of it, and says more."""
    letter = SAMPLE.target
    answer = Answer(sample=SAMPLE.id, text=f"{letter}\n### Not sure.", cut_short=True)
    result = task(Decoding(stop=("###",))).result(answer)

    assert (result.mark, result.text, result.cut_short) == (Mark.CORRECT, letter, False)


def test_a_cut_thought_is_unparseable_and_counted() -> None:
    """The letter in it was no answer."""
    text = f"<think>The answer is {SAMPLE.target}. But wait"
    result = task(Decoding()).result(Answer(sample=SAMPLE.id, text=text, cut_short=True))

    assert (result.mark, result.cut_short) == (Mark.UNPARSEABLE, True)


@given(st.text(max_size=80), st.integers(20, 60))
def test_of_a_long_text_its_beginning_and_its_end_are_kept(text: str, most: int) -> None:
    """The end is what a model says once it has thought."""
    kept = abridged(text, most=most)

    assert len(kept) <= most
    assert (kept == text) == (len(text) <= most)
    assert text.startswith(kept[:5])
    assert text.endswith(kept[-5:] if kept else "")
