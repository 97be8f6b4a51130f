"""Run as a program, this file is one of several processes that share the work."""

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_store import MemoryStore

from pytest_mmbench.errors import AbsentError, AnswerError, DataError, MMBenchError
from pytest_mmbench.evaluation.inference.plan import TaskPlan
from pytest_mmbench.evaluation.inference.request_queue import RequestQueue
from pytest_mmbench.evaluation.store.folder import FileLocks
from pytest_mmbench.evaluation.store.sqlite import SqliteStore
from pytest_mmbench.protocols import Model, Scorer, Store
from pytest_mmbench.records import (
    Answer,
    Dimension,
    Method,
    OptionLogprob,
    Picture,
    Prompt,
    Request,
    RequestType,
    Sample,
    Turn,
)

TORN, DENIED, UNDECODABLE, ABSENT = "torn", "denied", "undecodable", "absent"


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """A benchmark of numbered samples, whose questions grow with a few of them."""

    size: int
    name: str = "numbered"
    revision: str = "1"
    spoiled: dict[str, str] = field(default_factory=dict)
    """What is wrong with the pictures of some samples."""
    read: list[str] = field(default_factory=list)
    """The ids of the pictures that were read: tests look at it."""
    identified: bool = False
    """Whether its pictures can be told apart without being read."""

    def dimensions(self) -> tuple[Dimension, ...]:
        return (Dimension(path=self.name, leaves=(self.name,), size=self.size),)

    def ids(self, leaf: str) -> Sequence[str]:
        return [f"{at:06}" for at in range(self.size)]

    def sample(self, id: str) -> Sample:
        if self.spoiled.get(id) == "missing row":
            raise DataError(f"row {id} is missing.")
        return Sample(
            id=id,
            dimension=self.name,
            question=f"Which is {id}{'?' * (int(id) % 7)}",
            options=("yes", "no"),
            target="A",
            pictures=(self._picture(id),),
        )

    def _picture(self, id: str) -> Picture:
        return Picture(
            name=f"picture {id}",
            read=lambda: self._content(id),
            identity=lambda: f"{self.revision} {id}" * self.identified,
        )

    def _content(self, id: str) -> bytes:
        self.read.append(id)
        if self.spoiled.get(id) == TORN:
            raise DataError(f"picture {id} is torn.", file="data.parquet")
        if self.spoiled.get(id) == ABSENT:
            raise AbsentError("there is no other picture.")
        if self.spoiled.get(id) == DENIED:
            raise PermissionError(13, "Permission denied")
        return f"picture {id}".encode()

    def methods(self) -> tuple[Method, ...]:
        return (Method.RANK, Method.GENERATE)

    def request(self, sample: Sample, method: Method) -> Request:
        ask = RequestType.GENERATE if method is Method.GENERATE else RequestType.LOGLIKELIHOOD
        return Request(
            sample=sample.id,
            type=ask,
            prompt=Prompt(turns=(Turn(role="user", parts=(*sample.pictures, sample.question)),)),
            options=sample.options if ask is RequestType.LOGLIKELIHOOD else (),
            new_tokens=0 if ask is RequestType.LOGLIKELIHOOD else 8,
        )

    def scorer(self, method: Method) -> Scorer:
        raise NotImplementedError


class Calculating:
    """A model whose answer can be told from the request, and which notes what it was asked."""

    def __init__(
        self,
        *,
        fingerprint: str = "calculating-1",
        batch_size: int = 4,
        undecodable: Iterable[str] = (),
        spoil: Callable[[list[Answer]], list[Answer]] = list,
        each: Callable[[Sequence[Request]], None] = lambda _: None,
    ) -> None:
        self.name = "calculating"
        self.fingerprint = fingerprint
        self.batch_size = batch_size
        self.batches: list[tuple[str, ...]] = []
        self._undecodable = set(undecodable)
        self._spoil = spoil
        self._each = each

    @property
    def asked(self) -> list[str]:
        return [sample for batch in self.batches for sample in batch]

    def generate(self, requests: Sequence[Request]) -> list[Answer]:
        return self._answered(requests)

    def rank(self, requests: Sequence[Request]) -> list[Answer]:
        return self._answered(requests)

    def _answered(self, requests: Sequence[Request]) -> list[Answer]:
        for request in requests:
            if request.sample in self._undecodable:
                raise DataError(f"picture of {request.sample} is no picture.")
        self._each(requests)
        self.batches.append(tuple(request.sample for request in requests))
        return self._spoil([expected(request) for request in requests])


def expected(request: Request) -> Answer:
    if request.type is RequestType.GENERATE:
        return Answer(sample=request.sample, text=f"text of {request.sample}")
    log = -1.0 / (1 + int(request.sample))
    likelihoods = tuple(OptionLogprob(logprob=log * at, tokens=1) for at in (1, 2))
    return Answer(sample=request.sample, option_logprobs=likelihoods)


def truth(
    benchmark: Numbered, ids: Iterable[str], method: Method = Method.RANK
) -> dict[str, Answer]:
    return {id: expected(benchmark.request(benchmark.sample(id), method)) for id in ids}


def everything(benchmark: Numbered, method: Method = Method.RANK) -> TaskPlan:
    return TaskPlan(
        task=benchmark.name,
        ids=benchmark.ids(""),
        request=lambda sample: benchmark.request(benchmark.sample(sample), method),
        identity=f"{benchmark.revision} {method}",
    )


def asking(model: Model, store: Store, *plan: TaskPlan, **options: Any) -> RequestQueue:
    return RequestQueue(model=lambda: model, store=store, plan=plan, **options)


def test_every_wanted_answer_is_given() -> None:
    """The answers come by sample id, in the order in which they were wanted."""
    benchmark = Numbered(size=10)
    run = asking(Calculating(), MemoryStore(), everything(benchmark))
    wanted = ["000007", "000001", "000003"]

    answers = run.answers("numbered", wanted)

    assert list(answers) == wanted
    assert answers == truth(benchmark, wanted)


@given(st.lists(st.sets(st.integers(0, 19), max_size=8), max_size=5), st.integers(1, 7))
def test_nothing_is_asked_twice(cases: list[set[int]], size: int) -> None:
    """Whatever the cases want, and in whatever order: each request is asked once at most."""
    benchmark = Numbered(size=20)
    model = Calculating(batch_size=size)
    run = asking(model, MemoryStore(), everything(benchmark))
    for case in cases:
        ids = [f"{at:06}" for at in case]

        assert run.answers("numbered", ids) == truth(benchmark, ids)

    assert len(model.asked) == len(set(model.asked)) == run.stats.new


def test_batches_are_full_across_cases() -> None:
    """A small case does not make small batches: what lies beside it is asked along with it."""
    benchmark = Numbered(size=10)
    model = Calculating(batch_size=4)
    run = asking(model, MemoryStore(), everything(benchmark))
    for id in benchmark.ids(""):
        run.answers("numbered", [id])

    assert [len(batch) for batch in model.batches] == [4, 4, 2]


def test_it_stops_when_the_wanted_answers_are_in() -> None:
    """A case does not wait for more than its own answers, and the costliest are asked first."""
    benchmark = Numbered(size=100)
    model = Calculating(batch_size=2)
    run = asking(model, MemoryStore(), everything(benchmark))

    run.answers("numbered", ["000006"])

    assert model.batches == [("000006", "000013")]


def test_benchmarks_share_batches() -> None:
    """Samples of two benchmarks are asked together, even if they have the same ids."""
    one, other = Numbered(size=3, name="one"), Numbered(size=3, name="other")
    model = Calculating(batch_size=6)
    run = asking(model, MemoryStore(), everything(one), everything(other))

    assert run.answers("one", one.ids("")) == truth(one, one.ids(""))
    assert run.answers("other", other.ids("")) == truth(other, other.ids(""))
    assert [len(batch) for batch in model.batches] == [6]


def test_kinds_do_not_share_batches() -> None:
    """What is ranked and what is generated are asked apart."""
    ranked, written = Numbered(size=3, name="ranked"), Numbered(size=3, name="written")
    model = Calculating(batch_size=4)
    plan = everything(ranked), everything(written, Method.GENERATE)
    run = asking(model, MemoryStore(), *plan)

    assert run.answers("ranked", ["000001"]) == truth(ranked, ["000001"])
    assert run.answers("written", ["000001"])["000001"].text == "text of 000001"
    assert [len(batch) for batch in model.batches] == [3, 3]


def test_what_is_known_is_not_asked() -> None:
    """A second run asks only what the first did not, again in full batches."""
    benchmark, store = Numbered(size=12), MemoryStore()
    ids = benchmark.ids("")
    first = asking(Calculating(), store, replace(everything(benchmark), ids=ids[::2]))
    first.answers("numbered", ids[::2])
    model = Calculating(batch_size=3)
    second = asking(model, store, everything(benchmark))

    assert second.answers("numbered", ids) == truth(benchmark, ids)
    assert sorted(model.asked) == ids[1::2]
    assert [len(batch) for batch in model.batches] == [3, 3]
    assert (second.stats.new, second.stats.cached, second.stats.failed) == (6, 6, 0)


def test_a_model_is_not_asked_if_everything_is_known() -> None:
    """A rerun reads its answers from the store; counts and seconds say so."""
    benchmark, store = Numbered(size=600), MemoryStore()
    asking(Calculating(), store, everything(benchmark)).answers("numbered", benchmark.ids(""))
    model = Calculating()
    again = asking(model, store, everything(benchmark))

    assert again.answers("numbered", benchmark.ids("")) == truth(benchmark, benchmark.ids(""))
    assert model.batches == []
    assert (again.stats.new, again.stats.cached, again.stats.seconds) == (0, 600, 0.0)


class SelfChecking(Calculating):
    """A model that checks itself, and notes on what."""

    def __init__(self) -> None:
        super().__init__()
        self.checked: list[list[str]] = []

    def self_check(self, requests: Sequence[Request]) -> None:
        assert self.batches == []
        self.checked.append([request.sample for request in requests])


def test_a_model_checks_itself_once_before_its_first_answer() -> None:
    """On a few requests of each type, the largest and what is spread over the others."""
    ranked, written = Numbered(size=40, name="ranked"), Numbered(size=5, name="written")
    model = SelfChecking()
    plan = everything(ranked), everything(written, Method.GENERATE)
    run = asking(model, MemoryStore(), *plan)
    for task in ("ranked", "written", "ranked"):
        run.answers(task, ["000001", "000002"])

    (checked,) = model.checked
    assert len(checked) == 12 + 5
    lengths = [len(ranked.sample(id).question) for id in checked[-12:]]
    assert len(set(lengths)) > 3


def test_a_model_that_is_not_asked_does_not_check_itself() -> None:
    """Nor does one of which everything is known: it need not even be loaded."""
    benchmark, store, model = Numbered(size=9), MemoryStore(), SelfChecking()
    asking(Calculating(), store, everything(benchmark)).answers("numbered", benchmark.ids(""))
    run = asking(model, store, everything(benchmark))
    run.answers("numbered", benchmark.ids(""))
    assert model.checked == []


def test_samples_that_cannot_be_made_are_not_checked() -> None:
    """They are told when they are asked."""
    benchmark, model = Numbered(size=3, spoiled={"000000": "missing row"}), SelfChecking()
    asking(model, MemoryStore(), everything(benchmark)).answers("numbered", ["000001"])
    assert sorted(model.checked[0]) == ["000001", "000002"]


def test_another_model_is_asked_again() -> None:
    """Answers belong to the fingerprint that gave them."""
    benchmark, store = Numbered(size=4), MemoryStore()
    asking(Calculating(), store, everything(benchmark)).answers("numbered", ["000001"])
    model = Calculating(fingerprint="calculating-2")

    asking(model, store, everything(benchmark)).answers("numbered", ["000001"])

    assert len(model.asked) == 4


def test_fresh_asks_again_and_keeps() -> None:
    """`fresh` does not believe the store, asks each request once, and keeps the new answers."""
    benchmark, store = Numbered(size=8), MemoryStore()
    asking(Calculating(), store, everything(benchmark)).answers("numbered", benchmark.ids(""))
    new = (OptionLogprob(logprob=-9.0, tokens=1),) * 2
    model = Calculating(spoil=lambda given: [replace(each, option_logprobs=new) for each in given])
    fresh = asking(model, store, everything(benchmark), fresh=True)

    for id in benchmark.ids(""):
        assert fresh.answers("numbered", [id])[id].option_logprobs == new

    assert sorted(model.asked) == list(benchmark.ids(""))
    assert fresh.stats.cached == 0
    later = asking(Calculating(), store, everything(benchmark))
    assert later.answers("numbered", ["000001"])["000001"].option_logprobs == new


def test_equal_requests_have_equal_answers() -> None:
    """Two samples that ask the same share one stored answer, each under its own id."""
    benchmark, store = Numbered(size=1), MemoryStore()

    class Renamed(Numbered):
        def sample(self, id: str) -> Sample:
            return replace(super().sample("000000"), id=id)

    asking(Calculating(), store, everything(benchmark)).answers("numbered", ["000000"])
    model = Calculating()
    run = asking(model, store, everything(Renamed(size=3, name="renamed")))

    answers = run.answers("renamed", ["000001", "000002"])

    assert [answer.sample for answer in answers.values()] == ["000001", "000002"]
    assert model.asked == []


def test_nothing_is_loaded_before_it_is_wanted() -> None:
    """A plan, its effort and a case without samples do not touch the model, rows or pictures."""

    def loaded() -> Model:
        raise AssertionError("the model was loaded")

    benchmark = Numbered(size=3, spoiled={"000000": "missing row"})
    run = RequestQueue(model=loaded, store=MemoryStore(), plan=[everything(benchmark)])

    assert run.answers("numbered", []) == {}
    assert run.stats.new == run.stats.cached == run.stats.failed == 0
    assert benchmark.read == []


def test_pictures_are_read_when_it_is_their_turn() -> None:
    """A first batch does not wait for the pictures of the whole benchmark."""
    benchmark = Numbered(size=5000)
    read: list[int] = []
    model = Calculating(each=lambda _: read.append(len(benchmark.read)), batch_size=50)

    asking(model, MemoryStore(), everything(benchmark)).answers("numbered", benchmark.ids(""))

    assert read[0] < 400
    assert len(benchmark.read) == 5000


def test_more_can_be_planned_later() -> None:
    """What is planned after the first answers is asked too, and nothing twice."""
    benchmark = Numbered(size=8)
    model = Calculating()
    run = asking(model, MemoryStore(), replace(everything(benchmark), ids=["000001"]))
    run.answers("numbered", ["000001"])
    run.plan(everything(benchmark))

    assert run.answers("numbered", benchmark.ids("")) == truth(benchmark, benchmark.ids(""))
    assert sorted(model.asked) == list(benchmark.ids(""))


def test_what_is_planned_twice_is_asked_once() -> None:
    """Two cases that plan the same samples do not make the model answer them twice."""
    benchmark = Numbered(size=6)
    model = Calculating(batch_size=4)
    run = asking(model, MemoryStore(), everything(benchmark), everything(benchmark))

    assert run.answers("numbered", benchmark.ids("")) == truth(benchmark, benchmark.ids(""))
    assert [len(batch) for batch in model.batches] == [4, 2]


def test_progress_is_told() -> None:
    """Progress counts what is in, from the store and from the model, up to the whole plan."""
    benchmark, store = Numbered(size=10), MemoryStore()
    asking(Calculating(), store, everything(benchmark)).answers("numbered", ["000006"])
    calls: list[tuple[int, int]] = []

    def progress(*, done: int, total: int, seconds: float) -> None:
        assert seconds >= 0.0
        calls.append((done, total))

    run = asking(Calculating(), store, everything(benchmark), progress=progress)
    run.answers("numbered", benchmark.ids(""))

    assert calls == sorted(calls)
    assert calls[0][0] > 4
    assert calls[-1] == (10, 10)


def test_seconds_are_those_of_the_model() -> None:
    """The time that the model took is added up, also if it gave up."""

    def slow(requests: Sequence[Request]) -> None:
        time.sleep(0.02)
        if requests[0].sample == "000000":
            raise DataError("no picture")

    run = asking(Calculating(each=slow, batch_size=1), MemoryStore(), everything(Numbered(size=3)))
    run.answers("numbered", ["000001", "000002"])

    assert run.stats.seconds >= 0.04


@pytest.mark.parametrize("spoiled", [TORN, DENIED, UNDECODABLE, "missing row"])
def test_one_bad_picture_costs_one_sample(spoiled: str) -> None:
    """The other samples of its batch are asked and kept; who needs the bad one is told."""
    benchmark = Numbered(size=16, spoiled={"000005": spoiled})
    undecodable = [id for id, what in benchmark.spoiled.items() if what == UNDECODABLE]
    model = Calculating(batch_size=8, undecodable=undecodable)
    run = asking(model, MemoryStore(), everything(benchmark))
    good = [id for id in benchmark.ids("") if id != "000005"]

    with pytest.raises(DataError, match="000005") as caught:
        run.answers("numbered", benchmark.ids(""))

    assert caught.value.facts["wanted by"] == "000005"
    assert sorted(model.asked) == good
    assert run.answers("numbered", good) == truth(benchmark, good)
    assert (run.stats.new, run.stats.failed) == (15, 1)
    with pytest.raises(DataError, match="000005"):
        run.answers("numbered", ["000005"])


def test_a_bad_picture_is_told_with_all_who_need_it() -> None:
    """The first problem is told with its own facts, and the samples that cannot be judged."""
    spoiled = {f"{at:06}": TORN for at in range(7)}
    run = asking(Calculating(), MemoryStore(), everything(Numbered(size=9, spoiled=spoiled)))

    with pytest.raises(DataError) as caught:
        run.answers("numbered", Numbered(size=9).ids(""))

    assert str(caught.value) == (
        "mmbench: picture 000000 is torn.\n"
        "  file        data.parquet\n"
        "  wanted by   000000, 000001, 000002, 000003, 000004 and 2 more"
    )


def test_a_broken_picture_is_told_before_an_absent_one() -> None:
    """That a condition cannot be made of one sample does not hide that another is torn."""
    benchmark = Numbered(size=4, spoiled={"000001": ABSENT, "000002": TORN})
    run = asking(Calculating(), MemoryStore(), everything(benchmark))

    with pytest.raises(DataError, match="000002") as torn:
        run.answers("numbered", benchmark.ids(""))
    with pytest.raises(AbsentError, match="no other"):
        run.answers("numbered", ["000001"])

    assert type(torn.value) is DataError
    assert torn.value.facts["wanted by"] == "000002"


def test_an_error_of_the_model_loses_nothing_that_was_paid_for() -> None:
    """What was answered before a crash is kept; the next case goes on where it stopped."""
    benchmark, store = Numbered(size=12), MemoryStore()
    full = iter([False, True, False, False, False])

    def run_out_of_memory(_: Sequence[Request]) -> None:
        if next(full):
            raise MemoryError

    model = Calculating(each=run_out_of_memory)
    run = asking(model, store, everything(benchmark))
    with pytest.raises(MemoryError):
        run.answers("numbered", benchmark.ids(""))

    assert len(model.asked) == 4
    assert run.answers("numbered", benchmark.ids("")) == truth(benchmark, benchmark.ids(""))
    assert sorted(model.asked) == list(benchmark.ids(""))


class Float64(float):
    """NumPy's is one of Python's too, and no JSON library's."""


def likely(*logs: Any, tokens: Any = 1) -> Callable[[list[Answer]], list[Answer]]:
    found = tuple(OptionLogprob(logprob=log, tokens=tokens) for log in logs)
    return lambda given: [replace(each, option_logprobs=found) for each in given]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda given: given[:-1],
            (
                "mmbench: model 'calculating' gave 2 answers to 3 requests.\n"
                "  contract        Model.rank returns one answer per request, in the same order\n"
                "  first missing   000000"
            ),
        ),
        (
            lambda given: [*given, given[0]],
            (
                "mmbench: model 'calculating' gave 4 answers to 3 requests.\n"
                "  contract   Model.rank returns one answer per request, in the same order"
            ),
        ),
        (
            lambda given: given[::-1],
            (
                "mmbench: model 'calculating' answered '000000' where '000002' was asked.\n"
                "  contract   Model.rank returns one answer per request, in the same order\n"
                "  sample     000002"
            ),
        ),
        (
            likely(-1.0),
            (
                "mmbench: model 'calculating' gave 1 likelihoods for 2 options.\n"
                "  contract   Model.rank returns the likelihood of each option, in the same order\n"
                "  sample     000002"
            ),
        ),
        (
            likely(-1.0, math.nan),
            (
                "mmbench: model 'calculating' found option 'no' as likely as nan over 1 tokens.\n"
                "  contract   Model.rank returns log-probabilities (nats) over some tokens\n"
                "  sample     000002"
            ),
        ),
        (
            likely(-math.inf, -1.0, tokens=2),
            (
                "mmbench: model 'calculating' found option 'yes' as likely as -inf over 2 tokens.\n"
                "  contract   Model.rank returns log-probabilities (nats) over some tokens\n"
                "  sample     000002"
            ),
        ),
        (
            lambda given: None,
            (
                "mmbench: model 'calculating' gave 'NoneType' where an answer was asked for.\n"
                "  contract   Model.rank returns a list of pytest_mmbench.records.Answer"
            ),
        ),
        (
            lambda given: ["B" for _ in given],
            (
                "mmbench: model 'calculating' gave 'str' where an answer was asked for.\n"
                "  contract   Model.rank returns a list of pytest_mmbench.records.Answer"
            ),
        ),
        (
            likely(-1.0, Float64(-0.5)),
            (
                "mmbench: model 'calculating' gave OptionLogprob(logprob=-0.5, tokens=1) where"
                " a likelihood was asked for.\n"
                "  contract     Model.rank returns likelihoods of a float and an int\n"
                "  sample       000002\n"
                "  what to do   give OptionLogprob(logprob=float(logprob), tokens=int(tokens))"
            ),
        ),
        (
            likely(-1.0, -1.0, tokens=1.5),
            (
                "mmbench: model 'calculating' gave OptionLogprob(logprob=-1.0, tokens=1.5) where"
                " a likelihood was asked for.\n"
                "  contract     Model.rank returns likelihoods of a float and an int\n"
                "  sample       000002\n"
                "  what to do   give OptionLogprob(logprob=float(logprob), tokens=int(tokens))"
            ),
        ),
        (
            lambda given: [replace(each, option_logprobs=(-1.0, -2.0)) for each in given],
            (
                "mmbench: model 'calculating' gave -1.0 where a likelihood was asked for.\n"
                "  contract     Model.rank returns likelihoods of a float and an int\n"
                "  sample       000002\n"
                "  what to do   give OptionLogprob(logprob=float(logprob), tokens=int(tokens))"
            ),
        ),
        (
            likely(-1.0, 500.0),
            (
                "mmbench: model 'calculating' found option 'no' as likely as 500.0 over 1 tokens.\n"
                "  contract   Model.rank returns log-probabilities (nats) over some tokens\n"
                "  sample     000002"
            ),
        ),
        (
            likely(-1.0, -1.0, tokens=0),
            (
                "mmbench: model 'calculating' found option 'yes' as likely as -1.0 over 0 tokens.\n"
                "  contract   Model.rank returns log-probabilities (nats) over some tokens\n"
                "  sample     000002"
            ),
        ),
    ],
    ids=[
        *("too few", "too many", "order", "likelihoods", "nan", "infinite"),
        *(
            "nothing",
            "no answers",
            "a log of another kind",
            "half a token",
            "bare numbers",
            "more than certain",
            "no token",
        ),
    ],
)
def test_a_model_that_breaks_its_contract_is_told(
    spoil: Callable[[list[Answer]], list[Answer]], message: str
) -> None:
    """Wrong answers are named, refused, and not kept."""
    store = MemoryStore()
    run = asking(Calculating(spoil=spoil), store, everything(Numbered(size=3)))

    with pytest.raises(AnswerError) as caught:
        run.answers("numbered", ["000000"])

    assert str(caught.value) == message
    good = Calculating()
    asking(good, store, everything(Numbered(size=3))).answers("numbered", ["000000"])
    assert len(good.asked) == 3


def test_a_text_that_is_not_unicode_is_told() -> None:
    """Half a surrogate pair cannot be kept, and is refused before it is tried."""
    model = Calculating(spoil=lambda given: [replace(each, text="\ud83d") for each in given])
    run = asking(model, MemoryStore(), everything(Numbered(size=1), Method.GENERATE))

    with pytest.raises(AnswerError, match="gave a text that is not Unicode") as caught:
        run.answers("numbered", ["000000"])

    assert caught.value.facts["sample"] == "000000"


def test_a_text_that_is_none_is_told() -> None:
    """A client that gives nothing is named before its answer is kept."""
    nothing: Any = None
    model = Calculating(spoil=lambda given: [replace(each, text=nothing) for each in given])
    run = asking(model, MemoryStore(), everything(Numbered(size=1), Method.GENERATE))

    with pytest.raises(AnswerError, match="gave None where a text was asked for") as caught:
        run.answers("numbered", ["000000"])

    assert caught.value.facts["sample"] == "000000"


def test_what_was_not_planned_is_refused() -> None:
    """A sample outside the plan is named, and nothing is asked."""
    model = Calculating()
    run = asking(model, MemoryStore(), everything(Numbered(size=1)))

    with pytest.raises(MMBenchError) as caught:
        run.answers("numbered", ["000000", "000001"])

    assert str(caught.value) == (
        "mmbench: sample '000001' of task 'numbered' was not planned.\n"
        "  planned tasks   numbered\n"
        "  what to do      plan it before its answer is asked for"
    )
    assert model.batches == []


def test_one_task_has_one_wording() -> None:
    """The same task cannot be ranked and generated in one run."""
    run = asking(Calculating(), MemoryStore(), everything(Numbered(size=1)))

    with pytest.raises(MMBenchError) as caught:
        run.plan(everything(Numbered(size=1), Method.GENERATE))

    assert str(caught.value) == (
        "mmbench: task 'numbered' cannot be asked in two ways in one run.\n"
        "  planned   1 rank\n"
        "  and now   1 generate"
    )


def test_what_cannot_be_asked_may_be_left_out() -> None:
    """Who skips unreadable pictures gets every other answer, and is told what failed."""
    benchmark = Numbered(size=4, spoiled={"000002": TORN})
    run = asking(Calculating(), MemoryStore(), everything(benchmark))

    found = run.answers("numbered", benchmark.ids(""), skip_unreadable_pictures=True)

    assert list(found) == ["000000", "000001", "000003"]
    assert [str(error.problem) for error in run.failures("numbered").values()] == [
        "picture 000002 is torn."
    ]
    assert run.failures("another") == {}


def test_a_store_that_loses_answers_is_told() -> None:
    """A file that is removed under a run is an error, and no answer is made up."""

    class Leaking(MemoryStore):
        def put(self, fingerprint: str, answers: dict[str, Answer]) -> None:
            """Keeps nothing."""

    run = asking(Calculating(), Leaking(), everything(Numbered(size=3)))

    with pytest.raises(MMBenchError, match="not in it any more") as caught:
        run.answers("numbered", ["000001"])

    assert caught.value.facts["samples"] == "000001"


class Contended:
    """Claims of which others hold some for a while."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.held: set[str] = set()

    def acquire(self, name: str) -> bool:
        assert name not in self.held
        self.refusals -= 1
        if self.refusals >= 0:
            return False
        self.held.add(name)
        return True

    def release(self, name: str) -> None:
        self.held.remove(name)


@pytest.mark.parametrize("refusals", [0, 1, 3, 10, 50])
def test_what_others_give_up_is_taken_over(refusals: int) -> None:
    """Work units that others did not finish are asked in the end, and all locks are released."""
    benchmark, model, locks = Numbered(size=20), Calculating(), Contended(refusals)
    run = asking(model, MemoryStore(), everything(benchmark), locks=locks, poll_seconds=0.0)

    assert run.answers("numbered", benchmark.ids("")) == truth(benchmark, benchmark.ids(""))
    assert sorted(model.asked) == list(benchmark.ids(""))
    assert locks.held == set()


def test_no_lock_outlives_an_error() -> None:
    """A process whose case has failed does not keep others from what it held."""
    locks = Contended(0)
    spoiling = Calculating(spoil=lambda given: given[1:])
    run = asking(spoiling, MemoryStore(), everything(Numbered(size=20)), locks=locks)

    with pytest.raises(AnswerError):
        run.answers("numbered", ["000001"])

    assert locks.held == set()


def test_what_others_finish_is_not_asked() -> None:
    """A process that waits for a batch of another takes its answers out of the store.

    Pictures without an identity have to wait until the other gives up its lock to them.
    """
    benchmark, store = Numbered(size=8, identified=True), MemoryStore()
    other = asking(Calculating(), store, everything(benchmark))

    class HeldByOther:
        def acquire(self, name: str) -> bool:
            other.answers("numbered", benchmark.ids(""))
            return False

        def release(self, name: str) -> None:
            raise AssertionError("nothing was taken")

    model = Calculating()
    run = asking(model, store, everything(benchmark), locks=HeldByOther(), poll_seconds=0.0)

    assert run.answers("numbered", benchmark.ids("")) == truth(benchmark, benchmark.ids(""))
    assert model.batches == []


SHARED, KNOWN = Numbered(size=120), Numbered(size=120, identified=True)
SECONDS = 0.02


def worker(folder: Path, ids: str, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, str(folder), ids, *words]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def report(process: subprocess.Popen[str]) -> dict[str, list[str]]:
    output, _ = process.communicate()
    assert process.returncode == 0
    answers: dict[str, list[str]] = json.loads(output.splitlines()[-1])
    return answers


@pytest.mark.slow  # two interpreters start and share 0.6 seconds of work
@pytest.mark.parametrize("wanted", [("::2", "1::2"), ("::", "::"), ("::", "110::")])
def test_two_processes_share_the_work(tmp_path: Path, wanted: tuple[str, str]) -> None:
    """Whatever dimensions each has, together they ask every request once, and both get theirs."""
    processes = [worker(tmp_path, ids) for ids in wanted]
    one, other = map(report, processes)

    assert sorted(one["asked"] + other["asked"]) == list(SHARED.ids(""))
    assert [len(one["answers"]), len(other["answers"])] == [
        len(SHARED.ids("")[cut(ids)]) for ids in wanted
    ]


@pytest.mark.slow  # two interpreters start and share 0.6 seconds of work
def test_two_processes_read_each_picture_once(tmp_path: Path) -> None:
    """What one has read and asked, the other knows by its identity."""
    one, other = map(report, [worker(tmp_path, "::", "known") for _ in range(2)])

    assert sorted(one["asked"] + other["asked"]) == sorted(one["read"] + other["read"])
    assert sorted(one["read"] + other["read"]) == list(KNOWN.ids(""))
    assert one["answers"] == other["answers"] == list(KNOWN.ids(""))


@pytest.mark.slow  # two interpreters start, and one works alone after the other's end
def test_a_killed_process_does_not_block_the_other(tmp_path: Path) -> None:
    """What a killed process held is taken over; all but the batch in its hands is used."""
    with worker(tmp_path, "::", "hang after 5") as doomed:
        assert doomed.stdout is not None
        assert doomed.stdout.readline() == "hanging\n"
        survivor = worker(tmp_path, "::")
        threading.Timer(1.0, doomed.send_signal, [signal.SIGKILL]).start()
        work = report(survivor)

    assert len(work["answers"]) == 120
    assert len(work["asked"]) == 120 - 5 * 4
    assert not [path for path in (tmp_path / "claims").iterdir() if path.name != ".gitignore"]


@pytest.mark.slow  # five thousand samples are sorted, asked and looked up again
def test_many_samples_stay_small(tmp_path: Path) -> None:
    """Neither requests nor pictures pile up: a planned sample takes less than a kilobyte."""
    benchmark = Numbered(size=5_000)
    plan = everything(benchmark)
    model = Calculating(batch_size=100)
    with SqliteStore(tmp_path) as store:
        tracemalloc.start()
        run = asking(model, store, plan)
        first = run.answers("numbered", ["000001"])
        for start in range(0, 5_000, 500):
            run.answers("numbered", plan.ids[start : start + 1000])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert first == truth(benchmark, ["000001"])
    assert run.stats.new == 5_000
    assert peak < 5_000 * 1000


def cut(ids: str) -> slice:
    return slice(*(int(part) if part else None for part in ids.split(":")))


def main(folder: Path, ids: str, how: str = "") -> None:
    """Asks for some of the shared samples, and tells what it had to ask the model for."""

    def each(_: Sequence[Request]) -> None:
        if how.startswith("hang") and len(model.batches) == int(how.rpartition(" ")[-1]):
            print("hanging", flush=True)
            signal.pause()
        time.sleep(SECONDS)

    model = Calculating(batch_size=4, each=each)
    shared = KNOWN if how == "known" else SHARED
    wanted = shared.ids("")[cut(ids)]
    with SqliteStore(folder) as store:
        run = asking(model, store, everything(shared), locks=FileLocks(folder), poll_seconds=0.02)
        answers = run.answers("numbered", wanted)
    work = {"asked": model.asked, "read": shared.read, "answers": list(answers)}
    print(json.dumps(work))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
