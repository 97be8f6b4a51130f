"""For authors of benchmarks, models and conditions: a scripted model, checks of the contracts."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pytest_mmbench.protocols import Benchmark, Condition, Model
from pytest_mmbench.records import LETTERS, Answer, Method, Picture, Request, RequestType, Sample

SAME = 1e-3
"""Nats by which a likelihood may differ between a batch and a single request in float32."""


def samples(benchmark: Benchmark) -> Iterator[Sample]:
    """Every sample of a benchmark, leaf by leaf."""
    leaves = benchmark.dimensions()[0].leaves
    return (benchmark.sample(id) for leaf in leaves for id in benchmark.ids(leaf))


def script(benchmark: Benchmark, *, accuracy: float, seed: int = 0) -> dict[str, str]:
    """What to say to each sample, so that in each leaf exactly that fraction, rounded, is right.

    Letters by sample id; texts where questions are open, and where no letters are read.
    """
    answers: dict[str, str] = {}
    for leaf in benchmark.dimensions()[0].leaves:
        ids = list(benchmark.ids(leaf))
        random.Random(f"{seed} {leaf}").shuffle(ids)
        right = round(accuracy * len(ids))
        answers |= {id: benchmark.sample(id).target for id in ids[:right]}
        answers |= {id: _wrong(benchmark.sample(id)) for id in ids[right:]}
    return {id: _said(benchmark, benchmark.sample(id), text) for id, text in answers.items()}


def _said(benchmark: Benchmark, sample: Sample, answer: str) -> str:
    """A letter; or the text of its option, if the benchmark's rule makes nothing of the letter."""
    if not sample.options or Method.GENERATE not in benchmark.methods():
        return answer
    read = benchmark.scorer(Method.GENERATE)(sample, Answer(sample=sample.id, text=answer))
    at = LETTERS.index(answer)
    return sample.options[at] if not read.answer and at < len(sample.options) else answer


def _wrong(sample: Sample) -> str:
    if not sample.options:
        return f"not {sample.target}"
    return next(letter for letter in LETTERS if letter != sample.target)


def check_benchmark(benchmark: Benchmark) -> None:
    """Asserts what every benchmark promises; call it from a test of your own.

    The tree has one root, parents before children and sizes that add up; ids are unique and give
    the same sample twice; targets are letters of options; pictures give the same bytes twice, and
    those of one identity the same bytes; requests do not change with the target.
    """
    _check_tree(benchmark)
    seen: set[str] = set()
    known: dict[str, bytes] = {}
    for sample in samples(benchmark):
        assert sample.id not in seen, f"two samples are called {sample.id!r}"
        seen.add(sample.id)
        _check_sample(benchmark, sample)
        _check_identities(sample, known)
    for node in benchmark.dimensions():
        strangers = [id for leaf in node.leaves for id in benchmark.ids(leaf) if id not in seen]
        assert not strangers, f"{node.path} holds {strangers[0]!r}, which the whole does not"


def _check_tree(benchmark: Benchmark) -> None:
    nodes = benchmark.dimensions()
    sizes = {node.path: node.size for node in nodes}
    assert nodes[0].path == benchmark.name, "the first node must be the whole benchmark"
    for leaf in nodes[0].leaves:
        assert sizes[leaf] == len(benchmark.ids(leaf)), f"{leaf} holds another number of samples"
    assert len(sizes) == len(nodes), "two nodes have the same path"
    for at, node in enumerate(nodes):
        assert node.path.split(".")[0] == benchmark.name, f"{node.path} is another benchmark's"
        assert node.size == sum(sizes[leaf] for leaf in node.leaves), f"{node.path}: wrong size"
        below = [other.path for other in nodes[:at] if other.path.startswith(f"{node.path}.")]
        assert not below, f"{below[0]} comes before {node.path}"


def _check_sample(benchmark: Benchmark, sample: Sample) -> None:
    again = benchmark.sample(sample.id)
    assert again == sample, f"{sample.id} differs at the second call"
    if sample.options:
        assert sample.target in LETTERS[: len(sample.options)], f"{sample.id}: target is no option"
    assert sample.target, f"{sample.id}: there is no target"
    for picture, twin in zip(sample.pictures, again.pictures, strict=True):
        assert picture.read() == twin.read(), f"{picture.name} differs at the second reading"
    for method in benchmark.methods():
        request = benchmark.request(sample, method)
        assert request.sample == sample.id, f"{sample.id}: the request has another id"
        assert request == benchmark.request(_retargeted(sample), method), (
            f"{sample.id}: the request of method {method} depends on the target"
        )


def _check_identities(sample: Sample, known: dict[str, bytes]) -> None:
    """An identity must not stand for two pictures: the second would be taken for the first."""
    for picture in sample.pictures:
        identity = picture.identity()
        content = hashlib.sha256(picture.read()).digest()
        # What is known of a picture may be less once it was read, and never more.
        if identity and picture.identity() == identity:
            same = known.setdefault(identity, content) == content
            assert same, f"{picture.name} has the identity of a picture of other bytes"


def _retargeted(sample: Sample) -> Sample:
    return replace(sample, target=_wrong(sample), accepted=())


def check_condition(condition: Condition, leaf: Sequence[Sample], *, seed: int = 0) -> None:
    """Asserts that a condition keeps its contract on the samples of one leaf.

    It gives the same ids in the same order and the same samples twice; it reads no picture by
    itself; targets are letters of options; nothing that is shown changes with the target; pictures
    give the same bytes twice, and do not keep the identity of pictures of other bytes.
    """
    planned = condition([_sealed(sample) for sample in leaf], seed=seed)
    changed = condition(leaf, seed=seed)
    other = condition([_retargeted(sample) for sample in leaf], seed=seed)
    ids = [sample.id for sample in leaf]
    assert [sample.id for sample in changed] == ids, f"{condition.name}: other ids or another order"
    assert changed == planned, f"{condition.name}: the samples differ at the second call"
    known: dict[str, bytes] = {}
    for before, after, twin in zip(leaf, changed, other, strict=True):
        assert after.dimension == before.dimension, f"{after.id}: it lies in another leaf"
        _check_shown(after, twin)
        _check_identities(before, known)
        _check_identities(after, known)


def _sealed(sample: Sample) -> Sample:
    return replace(sample, pictures=tuple(_seal(picture.name) for picture in sample.pictures))


def _seal(name: str) -> Picture:
    def read() -> bytes:
        raise AssertionError(f"{name} was read before anybody asked for it")

    return Picture(name=name, read=read)


def _check_shown(sample: Sample, twin: Sample) -> None:
    if sample.options:
        assert sample.target in LETTERS[: len(sample.options)], f"{sample.id}: target is no option"
    assert (sample.question, sample.options, sample.pictures) == (
        twin.question,
        twin.options,
        twin.pictures,
    ), f"{sample.id}: what is shown depends on the target"
    for picture, same in zip(sample.pictures, twin.pictures, strict=True):
        assert picture.read() == picture.read(), f"{picture.name} differs at the second reading"
        assert picture.read() == same.read(), f"{picture.name} depends on the target"


def check_model(model: Model, benchmark: Benchmark, *, method: Method, at_most: int = 8) -> None:
    """Asserts that a model keeps its contract: count, order and independence of the batch.

    It asks the first samples of the benchmark together, and again one by one.
    """
    chosen = [sample for sample, _ in zip(samples(benchmark), range(at_most), strict=False)]
    requests = [benchmark.request(sample, method) for sample in chosen]
    together = _ask(model, requests)
    assert [answer.sample for answer in together] == [request.sample for request in requests]
    for request, answer in zip(requests, together, strict=True):
        assert len(answer.option_logprobs) == len(request.options)
        (alone,) = _ask(model, [request])
        assert alone.text == answer.text, f"{request.sample}: another text in a batch than alone"
        for one, other in zip(alone.option_logprobs, answer.option_logprobs, strict=True):
            assert one.tokens == other.tokens
            assert abs(one.logprob - other.logprob) < SAME, (
                f"{request.sample}: depends on the batch"
            )


def _ask(model: Model, requests: Sequence[Request]) -> list[Answer]:
    return (
        model.rank(requests)
        if requests[0].type is RequestType.LOGLIKELIHOOD
        else model.generate(requests)
    )
