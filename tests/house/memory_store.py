"""A store that is gone with its process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_mmbench.records import Answer


class MemoryStore:
    """Keeps answers as long as it lives, and no longer."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], Answer] = {}
        self._hashes: dict[str, bytes] = {}

    def get(self, fingerprint: str, digests: Sequence[str]) -> dict[str, Answer]:
        """The answers that are known, by request key."""
        return {
            key: self._answers[fingerprint, key]
            for key in digests
            if (fingerprint, key) in self._answers
        }

    def put(self, fingerprint: str, answers: dict[str, Answer]) -> None:
        """Keeps a batch of answers."""
        self._answers |= {(fingerprint, key): answer for key, answer in answers.items()}

    def get_picture_hashes(self, identities: Sequence[str]) -> dict[str, bytes]:
        """The hashes of pictures that are known, by identity."""
        return {id: self._hashes[id] for id in identities if id in self._hashes}

    def put_picture_hashes(self, hashes: Mapping[str, bytes]) -> None:
        """Keeps hashes of pictures by identity."""
        self._hashes |= hashes
