"""What torchvision prepares, and what Pillow has to, with torchvision installed or not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import transformers
from torchvision_checkpoints import BUILDERS, marked

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.models import processor
from pytest_mmbench.models.local import LocalModel, load
from pytest_mmbench.records import Answer, Request

Checkpoints = Callable[[str], Path]
Models = Callable[[str], LocalModel]
Asks = Callable[..., Request]

pytestmark = pytest.mark.torch

BOX = 4
SIZES = ((1, 1), (60, 3), (3, 60), (333, 251), (20, 28), (900, 700))


@pytest.fixture
def boxed(checkpoints: Checkpoints, tmp_path: Path) -> Path:
    """A checkpoint that makes pictures smaller by Pillow's box filter, as those of this project."""
    folder = shutil.copytree(checkpoints("llava"), tmp_path / "boxed")
    file = folder / "processor_config.json"
    config = json.loads(file.read_bytes())
    eyes = config["image_processor"]
    eyes |= {"resample": BOX, "image_processor_type": "CLIPImageProcessor"}
    file.write_text(json.dumps(config))
    return folder


def logs(answers: list[Answer]) -> list[float]:
    return [each.logprob for answer in answers for each in answer.option_logprobs]


def test_a_filter_of_pillow_is_left_to_pillow(
    boxed: Path, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Torchvision knows the name of it only, and would end the run at the first picture."""
    usual = transformers.AutoProcessor

    def loaded(path: Path, **settings: Any) -> Any:
        found = usual.from_pretrained(path, **settings)  # type: ignore[no-untyped-call]
        if "backend" not in settings:
            found.image_processor = SimpleNamespace(backend="torchvision", resample=BOX)
        return found

    monkeypatch.setattr(processor, "AutoProcessor", SimpleNamespace(from_pretrained=loaded))
    model = load(str(boxed), device="cpu")

    assert model._speech.backend == "CLIPImageProcessorPil"
    assert not model._speech.by_torchvision
    assert model.rank([ask("How?", 1, size=(90, 70))])


@pytest.mark.parametrize("name", marked(*BUILDERS))
def test_torchvision_prepares_what_its_processors_show(name: str, models: Models) -> None:
    """So that its version is part of the fingerprint."""
    assert models(name)._speech.by_torchvision


@pytest.mark.parametrize("name", marked(*BUILDERS))
def test_pictures_of_any_size_are_asked_in_one_batch(name: str, models: Models, ask: Asks) -> None:
    """Tiles, rows of patches and grids differ from prompt to prompt, and change nothing."""
    # Mistral 3's network in transformers fails on a single picture that comes to one token.
    sizes = [size for size in SIZES if name != "mistral3" or size != (1, 1)]
    requests = [ask("How?", at, at + 9, size=size) for at, size in enumerate(sizes)]
    requests += [ask("What colour is this?", at, size=size) for at, size in enumerate(sizes)]
    together, alone = models(name).rank(requests), [models(name).rank([r])[0] for r in requests]

    assert logs(together) == pytest.approx(logs(alone), abs=1e-4)


def test_a_library_that_a_processor_names_is_told(
    checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SmolVLM's needs num2words too: its files are fine, and need not be compared."""

    def lacking(*_: object, **__: object) -> None:
        raise ImportError("Package `num2words` is required to run SmolVLM processor.")

    monkeypatch.setattr(processor, "AutoProcessor", SimpleNamespace(from_pretrained=lacking))
    with pytest.raises(CheckpointError) as caught:
        load(str(checkpoints("llava")), device="cpu")

    assert "num2words" in caught.value.facts["reason"]
    assert caught.value.facts["what to do"] == "install what it names"
