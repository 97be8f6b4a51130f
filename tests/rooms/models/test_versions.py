"""Releases of what computes are part of what a checkpoint is."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from pytest_mmbench.models import versions
from pytest_mmbench.models.local import LocalModel, load
from pytest_mmbench.models.versions import releases

Checkpoints = Callable[[str], Path]
Installs = Callable[..., None]

pytestmark = pytest.mark.torch

USUAL = {"torch": "2.13.0", "transformers": "5.23.0", "tokenizers": "0.23.3", "pillow": "13.0.0"}


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Installs:
    """Lets the usual versions be installed, but for those that are named."""

    def install(**other: str) -> None:
        there = {**USUAL, **other}

        def version(package: str) -> str:
            if package not in there:
                raise PackageNotFoundError(package)
            return there[package]

        monkeypatch.setattr(versions, "version", version)

    return install


def asked(folder: Path) -> LocalModel:
    return load(str(folder), device="cpu")


def test_the_public_version_counts(installed: Installs) -> None:
    """Builds of one release are one release, and what is not there has none."""
    installed(torch="2.13.0+cpu", tokenizers="0.23.4.dev0+g9f2c1e0")

    assert releases(torchvision=True) == {**USUAL, "tokenizers": "0.23.4.dev0"}


@pytest.mark.parametrize(("torchvision", "found"), [(True, "0.29.1"), (False, None)])
def test_torchvision_counts_where_it_prepares_pictures(
    installed: Installs, found: str | None, *, torchvision: bool
) -> None:
    """Installing it for something else asks nothing again."""
    installed(torchvision="0.29.1+cu130")

    assert releases(torchvision=torchvision).get("torchvision") == found


def test_an_upgrade_makes_another_model(installed: Installs, checkpoints: Checkpoints) -> None:
    """Kept answers do not outlive it, and a run saved before it is not the candidate itself."""
    marks = []
    for other in ({}, *({package: "99.0"} for package in USUAL)):
        installed(**other)
        marks.append(asked(checkpoints("llama")).fingerprint)

    assert len(set(marks)) == len(marks)


def test_another_build_makes_no_other_model(installed: Installs, checkpoints: Checkpoints) -> None:
    """Nor does torchvision, to a checkpoint whose pictures Pillow prepares."""
    marks = set()
    for other in ({}, {"torch": "2.13.0+cu130"}, {"torchvision": "0.29.1"}):
        installed(**other)
        marks.add(asked(checkpoints("llama")).fingerprint)

    assert len(marks) == 1
