"""Tiny checkpoints, built and loaded once, and requests to ask them."""

from __future__ import annotations

import io
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tiny_checkpoints
import torchvision_checkpoints

from pytest_mmbench.records import Picture, Prompt, Request, RequestType, Turn

if TYPE_CHECKING:
    from pytest_mmbench.models.local import LocalModel

BUILDERS = {**tiny_checkpoints.BUILDERS, **torchvision_checkpoints.BUILDERS}


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the folder of a tiny checkpoint, which is built when it is first asked for."""
    import transformers  # noqa: PLC0415

    from pytest_mmbench.models.local import silence_transformers  # noqa: PLC0415

    root = tmp_path_factory.mktemp("checkpoints")

    def checkpoint(name: str) -> Path:
        if not (root / name).is_dir():
            with silence_transformers():
                BUILDERS[name](transformers, root / name)
        return root / name

    return checkpoint


@pytest.fixture
def copy(checkpoints: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Path]:
    """Gives a copy of a tiny checkpoint, to be broken."""
    return lambda name: shutil.copytree(checkpoints(name), tmp_path / name)


@pytest.fixture(scope="session")
def models(checkpoints: Callable[[str], Path]) -> Callable[[str], LocalModel]:
    """Gives the loaded tiny checkpoint of that name, the same one at every call."""
    from pytest_mmbench.models.local import load  # noqa: PLC0415

    loaded: dict[str, LocalModel] = {}

    def model(name: str) -> LocalModel:
        if name not in loaded:
            loaded[name] = load(str(checkpoints(name)), device="cpu")
        return loaded[name]

    return model


def picture(seed: int, size: tuple[int, int] = (20, 28)) -> Picture:
    """A picture of coloured noise; equal seeds give equal ones."""
    import PIL.Image  # noqa: PLC0415

    pixels = random.Random(seed).randbytes(size[0] * size[1] * 3)
    encoded = io.BytesIO()
    PIL.Image.frombytes("RGB", size, pixels).save(encoded, "PNG")
    return Picture(name=f"noise-{seed}.png", read=encoded.getvalue)


@pytest.fixture(scope="session")
def ask() -> Callable[..., Request]:
    """Makes a request out of a question, pictures by seed, and options."""

    def request(
        question: str,
        *pictures: int,
        options: tuple[str, ...] = ("red", "green and blue", "I cannot say"),
        size: tuple[int, int] = (20, 28),
    ) -> Request:
        parts: tuple[str | Picture, ...] = (*(picture(n, size) for n in pictures), question)
        return Request(
            sample=f"{question}{pictures}",
            type=RequestType.LOGLIKELIHOOD,
            prompt=Prompt(turns=(Turn(role="user", parts=parts),)),
            options=options,
            new_tokens=6,
        )

    return request
