"""Reading ahead: once, in time, in bounds, and without a trace in what is asked."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_store import MemoryStore

from pytest_mmbench.errors import DataError
from pytest_mmbench.evaluation.inference.plan import TaskPlan
from pytest_mmbench.evaluation.inference.request_queue import AHEAD, RequestQueue
from pytest_mmbench.records import (
    Answer,
    OptionLogprob,
    Picture,
    Prompt,
    Request,
    RequestType,
    Turn,
)

SIZE = 4
SOON = 20.0
"""Seconds after which a thread that should have done something is taken for hanging."""


@dataclass(kw_only=True)
class Shelf:
    """Numbered pictures, which note who reads them; the longer a question, the earlier it comes."""

    size: int
    edition: str = "1"
    """Of the pictures' identities; empty if they have none."""
    changing: bool = False
    """Whether a picture has another identity after it was read."""
    torn: frozenset[int] = frozenset()
    read: list[int] = field(default_factory=list)
    readers: set[str] = field(default_factory=set)

    def request(self, id: str) -> Request:
        number = int(id)
        parts = (self.picture(number), "?" * (self.size - number))
        prompt = Prompt(turns=(Turn(role="user", parts=parts),))
        return Request(
            sample=id, type=RequestType.LOGLIKELIHOOD, prompt=prompt, options=("yes", "no")
        )

    def picture(self, number: int) -> Picture:
        def read() -> bytes:
            self.read.append(number)
            self.readers.add(threading.current_thread().name)
            if number in self.torn:
                raise DataError(f"picture {number} is torn.")
            return f"picture {number}".encode()

        def identity() -> str:
            turns = self.read.count(number) if self.changing else 0
            return f"{self.edition} {number} {turns}" if self.edition else ""

        return Picture(name=str(number), read=read, identity=identity)

    @property
    def ids(self) -> list[str]:
        return [str(number) for number in range(self.size)]

    @property
    def planned(self) -> TaskPlan:
        return TaskPlan(task="shelf", ids=self.ids, request=self.request, identity="1")


class Looking:
    """A model that looks at its pictures, and does something for every batch."""

    name = "looking"
    fingerprint = "looking-1"
    batch_size = SIZE

    def __init__(self, each: Callable[[Sequence[Request]], None] = lambda _: None) -> None:
        self.batches: list[list[str]] = []
        self.seen: dict[str, bytes] = {}
        self._each = each

    def generate(self, requests: Sequence[Request]) -> list[Answer]:
        raise NotImplementedError

    def rank(self, requests: Sequence[Request]) -> list[Answer]:
        self._each(requests)
        self.batches.append([request.sample for request in requests])
        for request in requests:
            (picture,) = request.prompt.pictures
            self.seen[request.sample] = picture.read()
        even = (OptionLogprob(logprob=-1.0, tokens=1),) * 2
        return [Answer(sample=request.sample, option_logprobs=even) for request in requests]


def asking(
    shelf: Shelf, model: Any, store: MemoryStore | None = None, **options: Any
) -> RequestQueue:
    kept = MemoryStore() if store is None else store
    return RequestQueue(model=lambda: model, store=kept, plan=[shelf.planned], **options)


def readers() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("mmbench")]


def test_a_picture_is_read_once() -> None:
    """For its hash and for the model together, and not by the thread that asks."""
    shelf, model = Shelf(size=30), Looking()

    asking(shelf, model).answers("shelf", shelf.ids)

    assert Counter(shelf.read) == Counter(range(30))
    assert model.seen == {id: f"picture {id}".encode() for id in shelf.ids}
    assert threading.current_thread().name not in shelf.readers


def test_pictures_are_read_while_the_model_works() -> None:
    """The model does not return before the next batch is read, and that does not hang."""
    shelf = Shelf(size=5 * SIZE)

    def wait_for_the_next(requests: Sequence[Request]) -> None:
        after = int(requests[-1].sample) + 1
        wanted = {*range(after, min(after + SIZE, shelf.size))}
        patience = threading.Event()
        for _ in range(int(SOON / 0.01)):
            if wanted <= set(shelf.read):
                return
            patience.wait(0.01)
        raise AssertionError(f"{wanted} are not read ahead")

    model = Looking(wait_for_the_next)
    asking(shelf, model).answers("shelf", shelf.ids)

    assert len(model.batches) == 5


def test_what_is_read_ahead_is_bounded() -> None:
    """A few batches wait for their turn, however many there are."""
    shelf, ahead = Shelf(size=100 * SIZE), []
    model = Looking(lambda requests: ahead.append(len(shelf.read) - int(requests[-1].sample) - 1))

    asking(shelf, model).answers("shelf", shelf.ids)

    assert max(ahead) <= AHEAD * SIZE
    assert len(ahead) == 100


def test_one_case_after_the_other_reads_no_picture_twice() -> None:
    """What was read for a batch that was not asked any more waits for the next case."""
    shelf, model = Shelf(size=40, edition=""), Looking()
    run = asking(shelf, model)
    for id in shelf.ids:
        run.answers("shelf", [id])

        assert readers() == []

    assert max(Counter(shelf.read).values()) == 1
    assert len(model.batches) == 10


def test_a_rerun_over_unchanged_pictures_reads_none() -> None:
    """Hashes are remembered by identity, and answers are found by hashes."""
    store = MemoryStore()
    first = asking(Shelf(size=600), Looking(), store)
    first.answers("shelf", [str(at) for at in range(600)])
    shelf, model = Shelf(size=600), Looking()

    again = asking(shelf, model, store)
    again.answers("shelf", shelf.ids)

    assert (shelf.read, model.batches, again.stats.cached) == ([], [], 600)


@pytest.mark.parametrize("edition", ["2", ""])
def test_pictures_that_may_have_changed_are_read_again(edition: str) -> None:
    """Another identity, or none, is believed in nothing; the same bytes have the same answers."""
    store = MemoryStore()
    asking(Shelf(size=9), Looking(), store).answers("shelf", Shelf(size=9).ids)
    shelf, model = Shelf(size=9, edition=edition), Looking()

    asking(shelf, model, store).answers("shelf", shelf.ids)

    assert sorted(shelf.read) == list(range(9))
    assert model.batches == []


def test_a_picture_that_changes_while_it_is_read_is_not_remembered() -> None:
    """Its bytes may be those of before or after: the next run reads it again."""
    store = MemoryStore()
    asking(Shelf(size=5, changing=True), Looking(), store).answers("shelf", Shelf(size=5).ids)

    assert (
        store.get_picture_hashes([f"1 {at} {turns}" for at in range(5) for turns in (0, 1)]) == {}
    )


def test_only_what_is_not_known_is_read() -> None:
    """A run that goes on where another was killed does not read what that one has asked."""
    shelf, store = Shelf(size=40), MemoryStore()
    part = replace(shelf.planned, ids=shelf.ids[::2])
    RequestQueue(model=Looking, store=store, plan=[part]).answers("shelf", shelf.ids[::2])
    rest = Shelf(size=40)

    asking(rest, Looking(), store).answers("shelf", rest.ids)

    assert sorted(rest.read) == list(range(1, 40, 2))


def test_fresh_reads_and_remembers() -> None:
    """A fresh run believes no answer; what it has hashed is known to the next run."""
    store = MemoryStore()
    asking(Shelf(size=5), Looking(), store, fresh=True).answers("shelf", Shelf(size=5).ids)
    shelf = Shelf(size=5)

    asking(shelf, Looking(), store).answers("shelf", shelf.ids)

    assert shelf.read == []


numbers = st.sets(st.integers(0, 29), max_size=20)


@given(numbers, st.lists(numbers, min_size=1, max_size=4))
def test_batches_are_those_of_a_run_that_does_not_read_ahead(
    known: set[int], cases: list[set[int]]
) -> None:
    """What is not known is asked in the order of costs, always as much as fits, until it is in."""
    shelf, store, model = Shelf(size=30), MemoryStore(), Looking()
    before = replace(shelf.planned, ids=[str(at) for at in sorted(known)])
    RequestQueue(model=Looking, store=store, plan=[before]).answers("shelf", before.ids)
    run = asking(shelf, model, store)
    for case in cases:
        run.answers("shelf", [str(at) for at in case])

    assert model.batches == list(expected(set(range(30)) - known, cases))


def expected(unknown: set[int], cases: Iterable[set[int]]) -> Iterable[list[str]]:
    """Work units of four are taken on in their order, and what is unknown of them is put together.

    Where a case ends within a work unit, the next one starts with what is left of that.
    """
    for case in cases:
        starts, pending = deque(range(0, 30, SIZE)), list[int]()
        while case & unknown:
            while starts and len(pending) < SIZE:
                start = starts.popleft()
                pending += sorted(unknown & {*range(start, min(start + SIZE, 30))})
            batch, pending = pending[:SIZE], pending[SIZE:]
            yield [str(at) for at in batch]
            unknown -= set(batch)


def test_a_torn_picture_fails_alone() -> None:
    """What the thread runs into is told where the picture is wanted; the others are asked."""
    shelf, model = Shelf(size=20, torn=frozenset({3, 11})), Looking()
    run = asking(shelf, model)

    found = run.answers("shelf", shelf.ids, skip_unreadable_pictures=True)

    assert set(shelf.ids) - set(found) == {"3", "11"}
    assert [str(e.problem) for e in run.failures("shelf").values()] == [
        "picture 3 is torn.",
        "picture 11 is torn.",
    ]


def test_a_fault_in_the_code_of_a_picture_ends_the_call() -> None:
    """It is no error of the data, and the same call may be tried again."""
    shelf = Shelf(size=8)
    whole = shelf.picture

    def faulty(number: int) -> Picture:
        return replace(whole(number), read=lambda: 1 // 0)  # type: ignore[arg-type, return-value]

    shelf.picture = faulty  # type: ignore[method-assign]
    run = asking(shelf, Looking())
    with pytest.raises(ZeroDivisionError):
        run.answers("shelf", ["1"])
    shelf.picture = whole  # type: ignore[method-assign]

    assert set(run.answers("shelf", ["1"])) == {"1"}


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, ValueError])
def test_no_thread_outlives_the_call(error: type[BaseException]) -> None:
    """Whatever ends the asking, Ctrl-C included: nothing goes on reading."""

    def stop(_: Sequence[Request]) -> None:
        raise error

    shelf = Shelf(size=400)
    with pytest.raises(error):
        asking(shelf, Looking(stop)).answers("shelf", shelf.ids)
    count = len(shelf.read)

    assert readers() == []
    assert count <= (1 + AHEAD) * SIZE


class Preparing(Looking):
    """A model that has something done beforehand."""

    def __init__(self, refused: str = "") -> None:
        super().__init__()
        self.refused = refused

    def prepare(self, request: Request) -> Request:
        if request.sample == self.refused:
            raise DataError(f"{request.sample} cannot be prepared.")
        (picture,) = request.prompt.pictures
        seen = replace(picture, read=lambda: b"prepared " + picture.read())
        prompt = Prompt(turns=(Turn(role="user", parts=(seen, "?")),))
        return replace(request, prompt=prompt)


def test_a_model_may_prepare_its_requests() -> None:
    """It is asked what it has made of them; the answer is kept for what they were."""
    shelf, model, store = Shelf(size=9), Preparing(), MemoryStore()

    asking(shelf, model, store).answers("shelf", shelf.ids)

    assert model.seen == {id: b"prepared picture " + id.encode() for id in shelf.ids}
    again = Looking()
    asking(Shelf(size=9), again, store).answers("shelf", shelf.ids)
    assert again.batches == []


def test_what_cannot_be_prepared_fails_alone() -> None:
    """A model that finds a picture unusable beforehand says so as it does when asked."""
    shelf, model = Shelf(size=9), Preparing(refused="5")
    run = asking(shelf, model)

    assert set(shelf.ids) - set(run.answers("shelf", shelf.ids, skip_unreadable_pictures=True)) == {
        "5"
    }
    assert run.failures("shelf")["5"].problem == "5 cannot be prepared."
