"""What has become of each planned request: open, in, or failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from pytest_mmbench.errors import AbsentError, DataError, MMBenchError
from pytest_mmbench.evaluation.inference.plan import Plan, RequestKey
from pytest_mmbench.evaluation.inference.prefetch import LoadedRequest
from pytest_mmbench.evaluation.inference.request_key import request_key
from pytest_mmbench.protocols import Store
from pytest_mmbench.records import Answer, Request

LOOK = 256
"""Requests that are looked up in the store together."""


NAMED = 5
"""Samples that an error names."""


class RequestStatus:
    """Keeps a digest per request and no answer: answers lie in the store.

    `fresh` does not see what the store knew before this ledger put it in.
    """

    def __init__(
        self, plan: Plan, store: Store, fingerprint: Callable[[], str], *, fresh: bool
    ) -> None:
        self._plan = plan
        self._store = store
        self._fingerprint = fingerprint
        self._fresh = fresh
        self._digests: dict[RequestKey, str] = {}
        self._settled: set[RequestKey] = set()
        self.failures: dict[RequestKey, DataError] = {}
        """Requests that cannot be asked, and why."""
        self.asked = 0
        self.kept = 0

    @property
    def settled(self) -> int:
        """How many requests are in or have failed."""
        return len(self._settled)

    @property
    def failed(self) -> int:
        """How many cannot be asked."""
        return len(self.failures)

    def is_settled(self, key: RequestKey) -> bool:
        """Whether its answer is in, or can never be."""
        return key in self._settled

    def open(self, keys: Iterable[RequestKey]) -> list[RequestKey]:
        """Those that are neither in nor failed, as far as this process knows."""
        return [key for key in keys if key not in self._settled]

    def requests(self, keys: Iterable[RequestKey]) -> dict[RequestKey, Request]:
        """The requests themselves; one that cannot be made fails here."""
        found: dict[RequestKey, Request] = {}
        for key in keys:
            with self.failing(key):
                found[key] = self._plan.request(key)
        return found

    @contextmanager
    def failing(self, key: RequestKey) -> Iterator[None]:
        """Notes what keeps a request from being asked, where it is raised inside."""
        try:
            yield
        except DataError as error:
            self.fail(key, error)
        except OSError as error:
            problem = f"a picture of sample {key.sample!r} cannot be read."
            self.fail(key, DataError(problem, reason=str(error)))

    def match_known_pictures(self, requests: Mapping[RequestKey, Request]) -> None:
        """Finds out the digests of those whose pictures are all remembered; reads none."""
        if self._fresh:
            return
        shown = {
            key: [picture.identity() for picture in request.prompt.pictures]
            for key, request in requests.items()
        }
        known = self._store.get_picture_hashes(
            [each for of in shown.values() for each in of if each]
        )
        for key, identities in shown.items():
            if all(each in known for each in identities):
                hashes = [known[each] for each in identities]
                self._digests[key] = request_key(requests[key], hashes)

    def note(self, reads: Mapping[RequestKey, LoadedRequest]) -> None:
        """Notes the digests of what was read, and remembers the hashes of its pictures."""
        self._digests |= {key: each.key for key, each in reads.items()}
        hashes = {id: hash for each in reads.values() for id, hash in each.hashes.items()}
        self._store.put_picture_hashes(hashes)

    def cached(self, keys: Sequence[RequestKey]) -> dict[RequestKey, Answer]:
        """What the store knows of those whose digest was found out."""
        return {key: answer for few in _chunks(keys) for key, answer in self._known(few).items()}

    def cached_until_missing(self, keys: Sequence[RequestKey]) -> dict[RequestKey, Answer]:
        """What the store knows, without a picture being read for it.

        It looks no further than to the first few of which one is neither in nor failed: most of
        what follows will have to be asked.
        """
        found: dict[RequestKey, Answer] = {}
        for few in _chunks(keys):
            self.match_known_pictures(self.requests(self._strangers(few)))
            found |= self._known(few)
            if self.open(few):
                break
        return found

    def _strangers(self, keys: Iterable[RequestKey]) -> list[RequestKey]:
        return [key for key in self.open(keys) if key not in self._digests]

    def keep(self, keys: Sequence[RequestKey], answers: Sequence[Answer]) -> None:
        """Puts what the model said into the store."""
        digests = [self._digests[key] for key in keys]
        self._store.put(self._fingerprint(), dict(zip(digests, answers, strict=True)))
        self._settled.update(keys)
        self.asked += len(keys)

    def fail(self, key: RequestKey, error: DataError) -> None:
        """Notes that a request cannot be asked; whoever wants its answer is told."""
        self.failures[key] = error
        self._settled.add(key)

    def refuse_failed(self, keys: Sequence[RequestKey]) -> None:
        """Tells of requests that could not be asked.

        Raises:
            DataError: the first one's, with the samples that it kept from being judged; one that is
                broken comes before one that its condition cannot be made of.
        """
        failed = [key for key in keys if key in self.failures]
        absent = [key for key in failed if isinstance(self.failures[key], AbsentError)]
        broken = [key for key in failed if key not in absent]
        for kind, found in ((DataError, broken), (AbsentError, absent)):
            if found:
                first = self.failures[found[0]]
                raise kind(first.problem, **first.facts, wanted_by=_some(found)) from first

    def check_kept(self, keys: Sequence[RequestKey], found: dict[RequestKey, Answer]) -> None:
        """Tells of answers that the store has lost since they were put in.

        Raises:
            MMBenchError: if there are any.
        """
        lost = [key for key in keys if key not in found]
        if lost:
            raise MMBenchError(
                "answers that were put into the store are not in it any more.",
                samples=_some(lost),
                what_to_do="leave the store alone while a run is writing to it",
            )

    def _known(self, keys: Sequence[RequestKey]) -> dict[RequestKey, Answer]:
        digests = dict(self._digested(keys))
        answers = self._store.get(self._fingerprint(), list(digests.values()))
        found = {
            key: replace(answers[content], sample=key.sample)
            for key, content in digests.items()
            if content in answers
        }
        news = found.keys() - self._settled
        self.kept += len(news)
        self._settled |= news
        return found

    def _digested(self, keys: Iterable[RequestKey]) -> Iterator[tuple[RequestKey, str]]:
        for key in keys:
            if key in self._digests and (key in self._settled or not self._fresh):
                yield key, self._digests[key]


def _chunks(keys: Sequence[RequestKey]) -> Iterator[Sequence[RequestKey]]:
    return (keys[start : start + LOOK] for start in range(0, len(keys), LOOK))


def _some(keys: Sequence[RequestKey]) -> str:
    named = ", ".join(key.sample for key in keys[:NAMED])
    more = len(keys) - NAMED
    return f"{named} and {more} more" if more > 0 else named
