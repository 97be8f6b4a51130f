"""Batches that fit into memory."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence

import torch

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.records import Answer, Request

_MESSAGES = (
    "not enough memory",
    "DefaultCPUAllocator",
    "out of memory",  # Apple's devices, and CUDA's driver where torch's allocator was not asked
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
)
"""In a plain RuntimeError, where a library has no error of its own for a lack of memory."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on an accelerator or on the CPU."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(text in str(error) for text in _MESSAGES)


class AdaptiveBatcher:
    """Cuts requests into batches, and halves the batch for good when one does not fit."""

    def __init__(self, *, name: str, size: int) -> None:
        self.name = name
        self.size = size
        """How many requests are computed at once from now on."""

    def run(
        self, requests: Sequence[Request], ask: Callable[[Sequence[Request]], list[Answer]]
    ) -> list[Answer]:
        """Answers to all requests, in their order."""
        answers: list[Answer] = []
        while len(answers) < len(requests):
            batch = requests[len(answers) : len(answers) + self.size]
            batch_answers = self._ask_if_it_fits(batch, ask)
            if batch_answers is None:
                self.size = max(1, len(batch) // 2)
                gc.collect()
                if torch.cuda.is_available():
                    torch.cuda.empty_cache()
            else:
                answers += batch_answers
        return answers

    def _ask_if_it_fits(
        self, batch: Sequence[Request], ask: Callable[[Sequence[Request]], list[Answer]]
    ) -> list[Answer] | None:
        """The answers, or None if memory runs out.

        A function of its own: when it returns, the error and the tensors of its frames are free.
        """
        try:
            return ask(batch)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if len(batch) == 1:
                raise CheckpointError(
                    f"model {self.name!r} runs out of memory on a single question.",
                    sample=batch[0].sample,
                    what_to_do="use a larger device, or dtype bfloat16, or smaller pictures",
                ) from error
            return None
