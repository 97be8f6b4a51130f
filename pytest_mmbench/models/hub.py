"""What a model's name means: a local folder, or a snapshot of a repository of the hub."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.files import expand
from pytest_mmbench.models.checkpoint import FORMATS, describe_error

_HUB_ID = re.compile(
    r"(?P<repository>(?P<owner>[\w-][\w.-]*)/[\w-][\w.-]*)(@(?P<revision>\w[\w./+-]*))?"
)
_ALLOW_PATTERNS = ["*.json", "*.jinja", "*.model", "*.py", "*.safetensors", "*.tiktoken", "*.txt"]
_IGNORE_PATTERNS = ["original/*", "onnx/*", "checkpoint-*"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubId:
    """A repository of the hub."""

    repository: str
    """Such as `acme/vlm-3`."""
    revision: str
    """A branch, a tag or a commit; empty for the newest commit of the main branch."""


def parse_hub_id(spec: str) -> HubId | None:
    """The repository of `owner/name` or `owner/name@revision`; None if that can be a folder."""
    match = _HUB_ID.fullmatch(spec)
    if match is None or Path(spec).exists() or Path(match["owner"]).is_dir():
        return None
    if Path(spec).suffix.lower() in FORMATS:
        return None  # a file of weights, which is not there
    return HubId(repository=match["repository"], revision=match["revision"] or "")


def find_checkpoint(spec: str) -> Path:
    """The folder of a checkpoint named by path or by hub id, which is downloaded once."""
    hub_id = parse_hub_id(spec)
    if hub_id is None:
        return expand(spec)
    import huggingface_hub  # noqa: PLC0415 - with its errors it loads an HTTP client

    try:
        return Path(
            huggingface_hub.snapshot_download(
                hub_id.repository,
                revision=hub_id.revision or None,
                allow_patterns=_ALLOW_PATTERNS,
                ignore_patterns=_IGNORE_PATTERNS,
            )
        )
    except Exception as error:  # whatever the hub's client and the network under it can raise
        raise _not_on_hub(spec, hub_id, error) from error


def _not_on_hub(spec: str, hub_id: HubId, error: Exception) -> CheckpointError:
    from huggingface_hub import errors  # noqa: PLC0415 - it loads an HTTP client

    cause = ""
    match error:
        case errors.GatedRepoError():
            reason, remedy = "its licence has to be accepted", "run `hf auth login`"
        case errors.RepositoryNotFoundError():
            reason, remedy = "the hub has no such repository", "check the spelling"
        case errors.RevisionNotFoundError():
            reason = f"{hub_id.repository} has no branch, tag or commit {hub_id.revision!r}"
            remedy = "check what stands behind the @"
        case errors.HFValidationError():
            reason, remedy = "the hub gives no such names", "check the spelling"
        case _:
            reason = "the hub cannot be reached, or is switched off"
            remedy = "download it where there is a network, and name the folder"
            cause = describe_error(error)
    return CheckpointError(
        f"model {spec!r} is neither a folder here nor a checkpoint that the hub hands out.",
        reason=reason,
        hub_error=cause,
        working_folder=str(Path.cwd()),
        what_to_do=remedy,
    )
