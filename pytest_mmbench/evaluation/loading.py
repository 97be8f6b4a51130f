"""A model by its name, as a run asks it."""

from __future__ import annotations

import re
from typing import Final

from pytest_mmbench import registry
from pytest_mmbench.config.settings import Settings
from pytest_mmbench.errors import CheckpointError, MMBenchError
from pytest_mmbench.evaluation.store.folder import make_folder
from pytest_mmbench.files import expand
from pytest_mmbench.models.checkpoint import inspect_checkpoint
from pytest_mmbench.models.hub import parse_hub_id
from pytest_mmbench.protocols import Model

_PREFIXED: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]+:")


def check_model(spec: str) -> None:
    """Looks at a local checkpoint's folder, cheaply, so that a typing error costs no time.

    What is behind a prefix or on the hub is looked at when it is loaded.

    Raises:
        CheckpointError: the folder is missing, or holds no checkpoint that could be loaded.
    """
    if parse_hub_id(spec) is None and not _PREFIXED.match(spec):
        inspect_checkpoint(expand(spec))


HASHES: Final = "checkpoints.json"
"""File of the store's folder in which a local model keeps the hashes of its weights."""


def load(spec: str, settings: Settings) -> Model:
    """The model that a spec names, on the device and in the number format of the settings.

    Raises:
        CheckpointError: it cannot be loaded; whatever the reason, no case can be judged.
    """
    try:
        make_folder(settings.store)
        return registry.model(
            spec,
            device=settings.device,
            dtype=settings.dtype,
            batch_size=settings.batch_size,
            trust_remote_code=settings.trust_remote_code,
            hash_cache_file=settings.store / HASHES,
        )
    except MMBenchError as error:
        raise CheckpointError(error.problem, **error.facts) from None
