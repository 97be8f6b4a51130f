"""What has become of each planned request: open, answered or failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Final

from pytest_mmbench.errors import AbsentError, DataError, MMBenchError
from pytest_mmbench.evaluation.inference.plan import PlannedRequest
from pytest_mmbench.evaluation.inference.prefetch import LoadedRequest
from pytest_mmbench.evaluation.inference.request_key import request_key
from pytest_mmbench.protocols import Model, Store
from pytest_mmbench.records import Answer, Request

CHUNK: Final = 256
"""Requests that are looked up in the store together."""
NAMED: Final = 5
"""Samples that an error names."""


class RequestStatus:
    """Keeps the status of planned requests, and goes to the store for them; holds no answer.

    With `fresh`, what lay in the store before this process put it there does not count.
    """

    def __init__(self, model: Callable[[], Model], store: Store, *, fresh: bool) -> None:
        self._model = model
        self._store = store
        self._fresh = fresh
        self.new = 0
        """Requests that the model answered now."""
        self.cached = 0
        """Requests whose answer lay in the store."""
        self.failed = 0
        """Requests that cannot be asked."""

    @cached_property
    def fingerprint(self) -> str:
        """The model's, under which the store keeps its answers."""
        return self._model().fingerprint

    def make_requests(self, planned: Iterable[PlannedRequest]) -> dict[PlannedRequest, Request]:
        """The requests of those that are open; one that cannot be made fails here."""
        requests: dict[PlannedRequest, Request] = {}
        for request in planned:
            if request.is_open:
                with self.recording_errors(request):
                    requests[request] = request.make()
        return requests

    @contextmanager
    def recording_errors(self, request: PlannedRequest) -> Iterator[None]:
        """Lets a request fail, where data or files that it needs raise an error inside."""
        try:
            yield
        except DataError as error:
            self.fail(request, error)
        except OSError as error:
            problem = f"a picture of sample {request.sample!r} cannot be read."
            self.fail(request, DataError(problem, reason=str(error)))

    def fail(self, request: PlannedRequest, error: DataError) -> None:
        """Notes that a request cannot be asked; `check_failures` tells whoever needs its answer."""
        if request.is_open:
            request.error = error
            self.failed += 1

    def match_known_pictures(self, requests: Mapping[PlannedRequest, Request]) -> None:
        """Sets the keys of those whose pictures all have a stored hash; reads no picture."""
        if self._fresh:
            return
        identities = {
            planned: [picture.identity() for picture in request.prompt.pictures]
            for planned, request in requests.items()
        }
        hashes = self._store.get_picture_hashes(
            [identity for shown in identities.values() for identity in shown if identity]
        )
        for planned, shown in identities.items():
            if all(identity in hashes for identity in shown):
                picture_hashes = [hashes[identity] for identity in shown]
                planned.key = request_key(requests[planned], picture_hashes)

    def record_loaded(self, loaded: Mapping[PlannedRequest, LoadedRequest]) -> None:
        """Sets the keys of requests that were read, and stores the hashes of their pictures."""
        hashes: dict[str, bytes] = {}
        for planned, request in loaded.items():
            planned.key = request.key
            hashes |= request.hashes
        self._store.put_picture_hashes(hashes)

    def look_up(self, planned: Sequence[PlannedRequest]) -> dict[PlannedRequest, Answer]:
        """Answers that the store has for those whose key is known."""
        answers: dict[PlannedRequest, Answer] = {}
        for chunk in _chunks(planned):
            keys = {
                request: request.key
                for request in chunk
                if request.key is not None and (request.is_answered or not self._fresh)
            }
            stored = self._store.get(self.fingerprint, list(keys.values()))
            for request, key in keys.items():
                if key in stored:
                    answers[request] = replace(stored[key], sample=request.sample)
                    self.cached += request.is_open
                    request.is_answered = True
        return answers

    def look_up_until_missing(
        self, planned: Sequence[PlannedRequest]
    ) -> dict[PlannedRequest, Answer]:
        """The same, also for pictures that are known by their identity; reads no picture.

        It goes no further than to the first chunk of which one is still open: most of what follows
        will have to be asked.
        """
        answers: dict[PlannedRequest, Answer] = {}
        for chunk in _chunks(planned):
            unmatched = [request for request in chunk if request.key is None]
            self.match_known_pictures(self.make_requests(unmatched))
            answers |= self.look_up(chunk)
            if any(request.is_open for request in chunk):
                break
        return answers

    def store_answers(self, answers: Mapping[PlannedRequest, Answer]) -> None:
        """Puts what the model answered into the store."""
        keyed = {request.key: answer for request, answer in answers.items() if request.key}
        self._store.put(self.fingerprint, keyed)
        for request in answers:
            request.is_answered = True
        self.new += len(answers)


def check_failures(planned: Sequence[PlannedRequest]) -> None:
    """Refuses requests that could not be asked.

    Raises:
        DataError: the first one's, with the samples that it kept from being judged; one that is
            broken comes before one that its condition cannot be made of.
    """
    failed = {request.sample: request.error for request in planned if request.error is not None}
    broken = {id: error for id, error in failed.items() if not isinstance(error, AbsentError)}
    if failed:
        kind = DataError if broken else AbsentError
        first, *_ = (broken or failed).values()
        samples = _list_samples(list(broken or failed))
        raise kind(first.problem, **first.facts, wanted_by=samples) from first


def check_stored(
    planned: Sequence[PlannedRequest], answers: Mapping[PlannedRequest, Answer]
) -> None:
    """Refuses requests whose answer has disappeared from the store since it was put there.

    Raises:
        MMBenchError: if there are any.
    """
    missing = [request.sample for request in planned if request not in answers]
    if missing:
        raise MMBenchError(
            "answers that were put into the store are not in it any more.",
            samples=_list_samples(missing),
            what_to_do="leave the store alone while a run is writing to it",
        )


def _chunks(planned: Sequence[PlannedRequest]) -> Iterator[Sequence[PlannedRequest]]:
    return (planned[start : start + CHUNK] for start in range(0, len(planned), CHUNK))


def _list_samples(samples: Sequence[str]) -> str:
    named = ", ".join(samples[:NAMED])
    more = len(samples) - NAMED
    return f"{named} and {more} more" if more > 0 else named
