"""What a model's name means: a folder, a checkpoint that the hub's client has kept, or none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub.errors import RevisionNotFoundError

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.evaluation.evaluator import check_model
from pytest_mmbench.models.hub import HubId, find_checkpoint, parse_hub_id
from pytest_mmbench.models.local import load
from pytest_mmbench.records import Request

Asks = Callable[..., Request]
Checkpoints = Callable[[str], Path]

pytestmark = pytest.mark.torch


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder with one checkpoint, whose name has an `@` in it."""
    (tmp_path / "models" / "vlm@3").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "revision", ["v1.2", "main", "9f2c1e0", "feature/tiles", "refs/pr/12", "2025-01_b+1"]
)
def test_a_revision_stands_behind_an_at(revision: str) -> None:
    """A branch, a tag or a commit, as git writes them; the early check leaves it to the hub."""
    named = f"acme/vlm-3@{revision}"

    assert parse_hub_id(named) == HubId(repository="acme/vlm-3", revision=revision)
    check_model(named)


@pytest.mark.usefixtures("folder")
def test_without_one_the_newest_is_meant() -> None:
    """As it always was."""
    assert parse_hub_id("acme/vlm-3") == HubId(repository="acme/vlm-3", revision="")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "named", ["models/vlm@3", "models/vlm@4", "models/vlm@feature/tiles", "/acme/vlm", "~/vlm"]
)
def test_a_folder_is_a_folder(named: str) -> None:
    """One that is there, or would lie in one that is there, even with an `@` in its name."""
    assert parse_hub_id(named) is None


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("named", ["acme/vlm-3@", "acme/vlm-3@ v1", "acme/vlm-3@v1@v2", "acme@v1"])
def test_what_is_no_revision_is_refused_at_once(named: str) -> None:
    """An unset variable behind the `@` must not become the newest commit."""
    assert parse_hub_id(named) is None
    with pytest.raises(CheckpointError, match="there is no checkpoint folder"):
        check_model(named)


def test_hub_ids_are_not_asked_for_when_a_folder_is_meant(tmp_path: Path) -> None:
    """`checkpoints/candidate` with a folder `checkpoints` is a path, spelled wrongly or not."""
    (tmp_path / "checkpoints").mkdir()
    path = str(tmp_path / "checkpoints" / "candidate")
    assert find_checkpoint(path) == Path(path)


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkpoints: Checkpoints) -> Path:
    """What the hub's client has kept of `acme/vlm-3` and its tag `v1.2`, on a machine offline."""
    commit = "9f" * 20
    repository = tmp_path / "models--acme--vlm-3"
    shutil.copytree(checkpoints("llama"), repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "v1.2").write_text(commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    return repository / "snapshots" / commit


def test_a_revision_that_was_downloaded_is_found_offline(cached: Path, ask: Asks) -> None:
    """By its tag or by its commit; a run without a network gates it as any folder."""
    assert find_checkpoint("acme/vlm-3@v1.2") == find_checkpoint(f"acme/vlm-3@{cached.name}")
    assert find_checkpoint("acme/vlm-3@v1.2") == cached
    assert load("acme/vlm-3@v1.2", device="cpu").rank([ask("How many?")])


@pytest.mark.usefixtures("cached")
@pytest.mark.parametrize("named", ["acme/vlm-3", "acme/vlm-3@v1.3"])
def test_another_revision_does_not_stand_for_the_one_that_is_named(named: str) -> None:
    """What lies in the cache is not what was asked for."""
    with pytest.raises(CheckpointError, match="neither a folder here nor a checkpoint"):
        find_checkpoint(named)


@pytest.mark.parametrize(("named", "revision"), [("acme/vlm-3@v1.2", "v1.2"), ("acme/vlm-3", None)])
def test_the_hub_is_asked_for_the_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, revision: str | None
) -> None:
    """The name in front of the `@` is the repository."""
    requests: list[tuple[str, object]] = []

    def snapshot(repository: str, **more: object) -> str:
        requests.append((repository, more["revision"]))
        return str(tmp_path)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot)
    assert find_checkpoint(named) == tmp_path
    assert requests == [("acme/vlm-3", revision)]


def test_a_revision_that_the_hub_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """The repository is there: its name need not be looked at again."""

    def unknown(*_: object, **__: object) -> str:
        raise RevisionNotFoundError.__new__(RevisionNotFoundError)  # made of an HTTP response

    monkeypatch.setattr("huggingface_hub.snapshot_download", unknown)
    with pytest.raises(CheckpointError) as caught:
        find_checkpoint("acme/vlm-3@v9")
    assert caught.value.facts["reason"] == "acme/vlm-3 has no branch, tag or commit 'v9'"


def test_a_hub_id_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offline, the reader is told to fetch it elsewhere."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(CheckpointError) as caught:
        load("no-such-owner/no-such-model-at-all", device="cpu")
    assert "is neither a folder here nor a checkpoint that the hub hands out." in str(caught.value)


def test_a_name_that_the_hub_cannot_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks like a hub id, and is refused before anybody is asked."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(CheckpointError) as caught:
        find_checkpoint("acme/vlm--3")
    assert caught.value.facts["reason"] == "the hub gives no such names"


def test_a_download_that_breaks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors of the network under the hub's client, as httpx's, are not the operating system's."""

    class ReadTimeout(Exception):  # noqa: N818  httpx calls it so
        pass

    def breaks_off(*_: object, **__: object) -> str:
        raise ReadTimeout("The read operation timed out")

    monkeypatch.setattr("huggingface_hub.snapshot_download", breaks_off)
    with pytest.raises(CheckpointError) as caught:
        find_checkpoint("acme/vlm-3")
    assert caught.value.facts["hub error"] == "ReadTimeout: The read operation timed out"
