"""A model by its name, as a run asks it."""

from __future__ import annotations

from typing import Final

from pytest_mmbench import registry
from pytest_mmbench.config import Settings
from pytest_mmbench.errors import CheckpointError, MMBenchError
from pytest_mmbench.protocols import Model
from pytest_mmbench.store import make

HASHES: Final = "checkpoints.json"
"""File of the store's folder in which a local model keeps the hashes of its weights."""


def load(spec: str, settings: Settings) -> Model:
    """The model that a spec names, on the device and in the number format of the settings.

    Raises:
        CheckpointError: it cannot be loaded; whatever the reason, no case can be judged.
    """
    try:
        make(settings.store)
        return registry.model(
            spec,
            device=settings.device,
            dtype=settings.dtype,
            batch_size=settings.batch_size,
            trust_remote_code=settings.trust_remote_code,
            remembered=settings.store / HASHES,
        )
    except MMBenchError as error:
        raise CheckpointError(error.problem, **error.facts) from None
