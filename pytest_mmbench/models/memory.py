"""Batches that fit into memory."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence

import torch

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.records import Answer, Request

_SAID = (
    "not enough memory",
    "DefaultCPUAllocator",
    "out of memory",  # Apple's devices, and CUDA's driver where torch's allocator was not asked
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
)
"""By what has no error of its own for it."""


class AdaptiveBatcher:
    """Cuts requests into batches, and halves the batch for good when one does not fit."""

    def __init__(self, *, name: str, size: int) -> None:
        self.name = name
        self.size = size
        """How many requests are computed at once from now on."""

    @staticmethod
    def is_too_large(error: BaseException) -> bool:
        """Whether an error says that memory ran out, on an accelerator or on the CPU."""
        if isinstance(error, torch.OutOfMemoryError | MemoryError):
            return True
        return isinstance(error, RuntimeError) and any(word in str(error) for word in _SAID)

    def run(
        self, requests: Sequence[Request], ask: Callable[[Sequence[Request]], list[Answer]]
    ) -> list[Answer]:
        """Answers to all requests, in their order.

        Raises:
            CheckpointError: A single request does not fit.
        """
        answers: list[Answer] = []
        while len(answers) < len(requests):
            batch = requests[len(answers) : len(answers) + self.size]
            if not self._fits(batch, ask, answers):
                self.size = max(1, len(batch) // 2)
                _let_go()
        return answers

    def _fits(
        self,
        batch: Sequence[Request],
        ask: Callable[[Sequence[Request]], list[Answer]],
        answers: list[Answer],
    ) -> bool:
        """Answer one batch; what it held is free again when this returns."""
        try:
            answers += ask(batch)
        except (RuntimeError, MemoryError) as error:
            if not self.is_too_large(error):
                raise
            if len(batch) == 1:
                raise self._out_of_memory(batch[0]) from error
            return False
        return True

    def _out_of_memory(self, request: Request) -> CheckpointError:
        return CheckpointError(
            f"model {self.name!r} runs out of memory on a single question.",
            sample=request.sample,
            what_to_do="use a larger device, or dtype bfloat16, or smaller pictures",
        )


def _let_go() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
