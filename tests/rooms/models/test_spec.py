"""What a model's name means."""

from pathlib import Path

import pytest

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.evaluation.loading import check_model
from pytest_mmbench.models.spec import HubId, hub_id


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder with one checkpoint, whose name has an `@` in it."""
    (tmp_path / "models" / "vlm@3").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "revision", ["v1.2", "main", "9f2c1e0", "feature/tiles", "refs/pr/12", "2025-01_b+1"]
)
def test_a_revision_stands_behind_an_at(revision: str) -> None:
    """A branch, a tag or a commit, as git writes them; the early check leaves it to the hub."""
    named = f"acme/vlm-3@{revision}"

    assert hub_id(named) == HubId(repository="acme/vlm-3", revision=revision)
    check_model(named)


def test_without_one_the_newest_is_meant() -> None:
    """As it always was."""
    assert hub_id("acme/vlm-3") == HubId(repository="acme/vlm-3", revision="")


@pytest.mark.parametrize(
    "named", ["models/vlm@3", "models/vlm@4", "models/vlm@feature/tiles", "/acme/vlm", "~/vlm"]
)
def test_a_folder_is_a_folder(named: str) -> None:
    """One that is there, or would lie in one that is there, even with an `@` in its name."""
    assert hub_id(named) is None


@pytest.mark.parametrize("named", ["acme/vlm-3@", "acme/vlm-3@ v1", "acme/vlm-3@v1@v2", "acme@v1"])
def test_what_is_no_revision_is_refused_at_once(named: str) -> None:
    """An unset variable behind the `@` must not become the newest commit."""
    assert hub_id(named) is None
    with pytest.raises(CheckpointError, match="there is no checkpoint folder"):
        check_model(named)
