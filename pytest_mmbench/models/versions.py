"""Releases of the libraries that make an answer out of weights."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Final

COMPUTING: Final = ("torch", "transformers", "tokenizers", "pillow", "torchvision")
"""What decodes and prepares pictures, splits texts into tokens, and computes."""


def releases(*, torchvision: bool) -> dict[str, str]:
    """The public versions of what computes, by package.

    Builds of one release, such as 2.13.0+cpu and 2.13.0+cu130, are the same release: an answer is
    kept for all devices.

    Args:
        torchvision: Whether it may prepare the pictures.
    """
    found = {}
    for package in COMPUTING:
        if torchvision or package != "torchvision":
            try:
                found[package] = version(package).partition("+")[0]
            except PackageNotFoundError:
                continue
    return found
