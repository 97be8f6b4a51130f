"""Batches that do not fit into memory."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.models.memory import AdaptiveBatcher
from pytest_mmbench.records import Answer, Prompt, Request, RequestType

pytestmark = pytest.mark.torch

REQUESTS = [
    Request(sample=f"q{n}", type=RequestType.LOGLIKELIHOOD, prompt=Prompt(turns=()))
    for n in range(10)
]
CUDA = torch.OutOfMemoryError("CUDA out of memory.")
CPU = RuntimeError("[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: can't allocate")
APPLE = RuntimeError("MPS backend out of memory (MPS allocated: 17.9 GB, other allocations: 0)")
DRIVER = RuntimeError("CUDA error: out of memory")
CUBLAS = RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")


class Small:
    """Answers batches of up to so many requests, and keeps a list of their sizes."""

    def __init__(self, room: int, error: Exception) -> None:
        self.room = room
        self.error = error
        self.sizes: list[int] = []

    def __call__(self, batch: Sequence[Request]) -> list[Answer]:
        self.sizes.append(len(batch))
        if len(batch) > self.room:
            raise self.error
        return [Answer(sample=request.sample) for request in batch]


@pytest.mark.parametrize("error", [CUDA, CPU, APPLE, DRIVER, CUBLAS, MemoryError()])
def test_a_batch_that_does_not_fit_is_halved_for_good(error: Exception) -> None:
    """No request is lost or answered twice, and no later batch is tried at the old size."""
    fitting, small = AdaptiveBatcher(name="tiny", size=8), Small(3, error)
    answers = fitting.run(REQUESTS, small)
    assert [answer.sample for answer in answers] == [request.sample for request in REQUESTS]
    assert small.sizes == [8, 4, 2, 2, 2, 2, 2]
    assert fitting.size == 2


def test_a_single_request_that_does_not_fit_is_an_error() -> None:
    """The sample is named, and what would help."""
    with pytest.raises(CheckpointError) as caught:
        AdaptiveBatcher(name="tiny", size=2).run(REQUESTS, Small(0, CUDA))
    text = str(caught.value)
    assert text.startswith("mmbench: model 'tiny' runs out of memory on a single question.")
    assert "sample       q0" in text
    assert "bfloat16" in text


def test_other_errors_are_not_taken_for_a_lack_of_memory() -> None:
    """A bug is not retried with smaller batches."""
    small = Small(1, RuntimeError("shapes do not match"))
    with pytest.raises(RuntimeError, match="shapes do not match"):
        AdaptiveBatcher(name="tiny", size=2).run(REQUESTS, small)
    assert small.sizes == [2]
