"""For authors of benchmarks, models and conditions: scripted answers, checks of the contracts."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice

from pytest_mmbench.protocols import Benchmark, Condition, Model
from pytest_mmbench.records import LETTERS, Answer, Method, Picture, Request, RequestType, Sample
from pytest_mmbench.records.generation import Sampling

TOLERANCE = 1e-3
"""Nats by which a log-likelihood may differ between a batch and a single request in float32."""


def samples(benchmark: Benchmark) -> Iterator[Sample]:
    """Every sample of a benchmark, leaf by leaf."""
    leaves = benchmark.dimensions()[0].leaves
    return (benchmark.sample(id) for leaf in leaves for id in benchmark.ids(leaf))


def script(benchmark: Benchmark, *, accuracy: float, seed: int = 0) -> dict[str, str]:
    """Answers by sample id of which in each leaf exactly that fraction, rounded, is correct.

    They are letters; texts where questions are open, and where the benchmark reads no letters.
    """
    answers: dict[str, str] = {}
    for leaf in benchmark.dimensions()[0].leaves:
        ids = list(benchmark.ids(leaf))
        random.Random(f"{seed} {leaf}").shuffle(ids)
        correct = round(accuracy * len(ids))
        for place, id in enumerate(ids):
            sample = benchmark.sample(id)
            answer = sample.target if place < correct else _other_target(sample)
            answers[id] = _readable(benchmark, sample, answer)
    return answers


def _readable(benchmark: Benchmark, sample: Sample, answer: str) -> str:
    """A letter, or the text of its option if the benchmark's scorer reads no letters.

    Of an open question another text, if its scorer finds the target in what should be wrong.
    """
    if Method.GENERATE not in benchmark.methods():
        return answer
    if not sample.options:
        score = benchmark.scorer(Method.GENERATE)(sample, Answer(sample=sample.id, text=answer))
        return "~" if score.credit and answer != sample.target else answer
    score = benchmark.scorer(Method.GENERATE)(sample, Answer(sample=sample.id, text=answer))
    place = LETTERS.index(answer)
    return sample.options[place] if not score.answer and place < len(sample.options) else answer


def _other_target(sample: Sample) -> str:
    if not sample.options:
        return f"not {sample.target}"
    return next(letter for letter in LETTERS if letter != sample.target)


def _retargeted(sample: Sample) -> Sample:
    return replace(sample, target=_other_target(sample), accepted=())


def check_benchmark(benchmark: Benchmark) -> None:
    """Asserts what every benchmark promises; call it from a test of your own.

    The tree has one root, parents before children and sizes that add up; ids are unique and give
    the same sample twice; targets are letters of options; pictures give the same bytes twice, and
    those of one identity the same bytes; requests do not change with the target.

    Raises:
        AssertionError: a promise is broken; the message says which, and where.
    """
    _check_tree(benchmark)
    ids: set[str] = set()
    contents: dict[str, bytes] = {}
    for sample in samples(benchmark):
        assert sample.id not in ids, f"two samples are called {sample.id!r}"
        ids.add(sample.id)
        _check_sample(benchmark, sample)
        _check_identities(sample, contents)
    for node in benchmark.dimensions():
        strangers = [id for leaf in node.leaves for id in benchmark.ids(leaf) if id not in ids]
        assert not strangers, f"{node.path} holds {strangers[0]!r}, which the whole does not"


def _check_tree(benchmark: Benchmark) -> None:
    nodes = benchmark.dimensions()
    sizes = {node.path: node.size for node in nodes}
    assert nodes[0].path == benchmark.name, "the first node must be the whole benchmark"
    for leaf in nodes[0].leaves:
        assert sizes[leaf] == len(benchmark.ids(leaf)), f"{leaf} holds another number of samples"
    assert len(sizes) == len(nodes), "two nodes have the same path"
    for place, node in enumerate(nodes):
        assert node.path.split(".")[0] == benchmark.name, f"{node.path} is another benchmark's"
        assert node.size == sum(sizes[leaf] for leaf in node.leaves), f"{node.path}: wrong size"
        children = [other.path for other in nodes[:place] if other.path.startswith(f"{node.path}.")]
        assert not children, f"{children[0]} comes before {node.path}"


def _check_sample(benchmark: Benchmark, sample: Sample) -> None:
    second = benchmark.sample(sample.id)
    assert second == sample, f"{sample.id} differs at the second call"
    _check_target(sample)
    assert sample.target, f"{sample.id}: there is no target"
    for picture, twin in zip(sample.pictures, second.pictures, strict=True):
        assert picture.read() == twin.read(), f"{picture.name} differs at the second reading"
    for method in benchmark.methods():
        request = benchmark.request(sample, method)
        assert request.sample == sample.id, f"{sample.id}: the request has another id"
        assert request == benchmark.request(_retargeted(sample), method), (
            f"{sample.id}: the request of method {method} depends on the target"
        )


def _check_target(sample: Sample) -> None:
    letters = LETTERS[: len(sample.options)]
    assert not letters or sample.target in letters, f"{sample.id}: target is no option"


def _check_identities(sample: Sample, contents: dict[str, bytes]) -> None:
    """An identity must not stand for two pictures: the second would be taken for the first.

    `contents` holds the digest of the bytes of each identity so far.
    """
    for picture in sample.pictures:
        identity = picture.identity()
        content = hashlib.sha256(picture.read()).digest()
        # A picture may have no identity any more once it was read, and never another one.
        if identity and picture.identity() == identity:
            is_same = contents.setdefault(identity, content) == content
            assert is_same, f"{picture.name} has the identity of a picture of other bytes"


def check_condition(condition: Condition, leaf: Sequence[Sample], *, seed: int = 0) -> None:
    """Asserts that a condition keeps its contract on the samples of one leaf.

    It gives the same ids in the same order and the same samples twice; it reads no picture by
    itself; targets are letters of options; nothing that is shown changes with the target; pictures
    give the same bytes twice, and do not keep the identity of pictures of other bytes.

    Raises:
        AssertionError: a promise is broken; the message says which, and of which sample.
    """

    def refuse(name: str) -> bytes:
        raise AssertionError(f"{name} was read before anybody asked for it")

    unreadable = []
    for sample in leaf:
        names = [picture.name for picture in sample.pictures]
        pictures = tuple(Picture(name=name, read=partial(refuse, name)) for name in names)
        unreadable.append(replace(sample, pictures=pictures))
    planned = condition(unreadable, seed=seed)
    changed = condition(leaf, seed=seed)
    retargeted = condition([_retargeted(sample) for sample in leaf], seed=seed)
    ids = [sample.id for sample in leaf]
    assert [sample.id for sample in changed] == ids, f"{condition.name}: other ids or another order"
    assert changed == planned, f"{condition.name}: the samples differ at the second call"
    contents: dict[str, bytes] = {}
    for before, after, twin in zip(leaf, changed, retargeted, strict=True):
        assert after.dimension == before.dimension, f"{after.id}: it lies in another leaf"
        _check_target(after)
        shown = [(side.question, side.options, side.pictures) for side in (after, twin)]
        assert shown[0] == shown[1], f"{after.id}: what is shown depends on the target"
        for picture, other in zip(after.pictures, twin.pictures, strict=True):
            assert picture.read() == picture.read(), f"{picture.name} differs at the second reading"
            assert picture.read() == other.read(), f"{picture.name} depends on the target"
        _check_identities(before, contents)
        _check_identities(after, contents)


def check_model(
    model: Model,
    benchmark: Benchmark,
    *,
    method: Method,
    at_most: int = 8,
    sampling: Sampling | None = None,
) -> None:
    """Asserts that a model keeps its contract: count, order and independence of the batch.

    It asks the first samples of the benchmark together, and again one by one; where `sampling` is
    given, by generated text that is drawn so: the same seed has to give the same text.

    Raises:
        AssertionError: a promise is broken; the message says which, and by which sample.
    """
    first = islice(samples(benchmark), at_most)
    requests = [replace(benchmark.request(sample, method), sampling=sampling) for sample in first]
    batch = _ask(model, requests)
    assert [answer.sample for answer in batch] == [request.sample for request in requests]
    for request, answer in zip(requests, batch, strict=True):
        assert len(answer.option_logprobs) == len(request.options)
        (single,) = _ask(model, [request])
        assert single.text == answer.text, f"{request.sample}: another text in a batch than alone"
        for one, other in zip(single.option_logprobs, answer.option_logprobs, strict=True):
            assert one.tokens == other.tokens
            assert abs(one.logprob - other.logprob) < TOLERANCE, (
                f"{request.sample}: depends on the batch"
            )


def _ask(model: Model, requests: Sequence[Request]) -> list[Answer]:
    if requests[0].type is RequestType.LOGLIKELIHOOD:
        return model.rank(requests)
    return model.generate(requests)
