"""Where a named checkpoint lies: a local folder, or a snapshot of a hub repository."""

from __future__ import annotations

from pathlib import Path

import huggingface_hub
from huggingface_hub.errors import (
    GatedRepoError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.files import expand
from pytest_mmbench.models.spec import HubId, hub_id

_WANTED = ["*.json", "*.jinja", "*.model", "*.py", "*.safetensors", "*.tiktoken", "*.txt"]


_UNWANTED = ["original/*", "onnx/*", "checkpoint-*"]


_SHORT = 200
"""Characters of a foreign error."""


def find_checkpoint(spec: str) -> Path:
    """The folder of a checkpoint named by path or by hub id, which `naming` tells apart.

    Hub ids are downloaded once; `HF_HUB_OFFLINE=1` is respected. Behind an `@` stands the revision:
    a branch, a tag or a commit.

    Raises:
        CheckpointError: The hub does not have it, does not hand it out, or cannot be reached.
    """
    named = hub_id(spec)
    return expand(spec) if named is None else _download(named, spec)


def _download(named: HubId, spec: str) -> Path:
    try:
        return Path(
            huggingface_hub.snapshot_download(
                named.repository,
                revision=named.revision or None,
                allow_patterns=_WANTED,
                ignore_patterns=_UNWANTED,
            )
        )
    except GatedRepoError as error:
        raise _refused(spec, "its licence has to be accepted", "run `hf auth login`") from error
    except RepositoryNotFoundError as error:
        raise _refused(spec, "the hub has no such repository", "check the spelling") from error
    except RevisionNotFoundError as error:
        reason = f"{named.repository} has no branch, tag or commit {named.revision!r}"
        raise _refused(spec, reason, "check what stands behind the @") from error
    except HFValidationError as error:
        raise _refused(spec, "the hub gives no such names", "check the spelling") from error
    except Exception as error:  # whatever the hub's client and the network under it can raise
        reason = "the hub cannot be reached, or is switched off"
        remedy = "download it where there is a network, and name the folder"
        raise _refused(spec, reason, remedy, told=_in_short(error)) from error


def _in_short(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0][:_SHORT] if lines else ''}"


def _refused(spec: str, reason: str, remedy: str, *, told: str = "") -> CheckpointError:
    return CheckpointError(
        f"model {spec!r} is neither a folder here nor a checkpoint that the hub hands out.",
        reason=reason,
        told=told,
        looked_from=str(Path.cwd()),
        what_to_do=remedy,
    )
