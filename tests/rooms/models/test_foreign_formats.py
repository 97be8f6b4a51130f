"""Weights in formats that are not loaded."""

from pathlib import Path

import pytest

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.models.checkpoint import check_format, inspect_checkpoint
from pytest_mmbench.models.hub import parse_hub_id

FILES = {
    "model.gguf": "GGUF",
    "vlm-Q4_K_M.GGUF": "GGUF",
    "model.onnx": "ONNX",
    "consolidated.00.pth": "pickle",
    "step-1.ckpt": "pickle",
}


def refusal(path: Path) -> CheckpointError:
    with pytest.raises(CheckpointError) as caught:
        inspect_checkpoint(path)
    return caught.value


@pytest.mark.parametrize(("name", "form"), FILES.items())
@pytest.mark.parametrize("content", [None, b"GGUF"])
def test_a_file_is_refused_by_its_format(
    tmp_path: Path, name: str, form: str, content: bytes | None
) -> None:
    """Whether it is there or not: another folder would not help."""
    if content:
        (tmp_path / name).write_bytes(content)

    error = refusal(tmp_path / name)

    assert error.problem.endswith(f"weights in the format {form} are not supported.")
    assert "*.safetensors" in error.facts["supported"]


@pytest.mark.parametrize("config", [None, "{}"])
def test_a_folder_that_holds_nothing_else_is_refused_too(
    tmp_path: Path, config: str | None
) -> None:
    """With a config.json or without one."""
    (tmp_path / "vlm.gguf").write_bytes(b"GGUF")
    (tmp_path / "tokenizer.json").write_text("{}")
    if config:
        (tmp_path / "config.json").write_text(config)

    error = refusal(tmp_path)

    assert "weights in the format GGUF are not supported" in error.problem
    assert error.facts["found"] == "vlm.gguf"


def test_a_folder_that_holds_safetensors_as_well_is_none(tmp_path: Path) -> None:
    """Hub repositories often have both."""
    for name in ("vlm.gguf", "model.safetensors"):
        (tmp_path / name).write_bytes(b"")

    check_format(tmp_path)


def test_a_file_below_a_folder_is_no_hub_id() -> None:
    """`owner/name` has no such end."""
    assert parse_hub_id("checkpoints/vlm.gguf") is None
    assert parse_hub_id("acme/vlm-3-GGUF") is not None
