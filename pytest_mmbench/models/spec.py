"""What a model's name means: a folder here, or a repository of the hub; nothing is loaded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_HUB_ID = re.compile(
    r"(?P<repository>(?P<owner>[\w-][\w.-]*)/[\w-][\w.-]*)(@(?P<revision>\w[\w./+-]*))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubId:
    """A repository of the hub."""

    repository: str
    """Such as `acme/vlm-3`."""
    revision: str
    """A branch, a tag or a commit; empty for the newest commit of the main branch."""


def hub_id(spec: str) -> HubId | None:
    """What `owner/name` or `owner/name@revision` means on the hub; None where it means a folder.

    It does if there is such a folder, or at least a folder `owner` to look in.
    """
    found = _HUB_ID.fullmatch(spec)
    if found is None or Path(spec).exists() or Path(found["owner"]).is_dir():
        return None
    return HubId(repository=found["repository"], revision=found["revision"] or "")
