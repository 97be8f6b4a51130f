"""Cheap checks of a checkpoint's folder, and its fingerprint."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.models import checkpoint
from pytest_mmbench.models.checkpoint import (
    check_sizes,
    fingerprint,
    inspect_checkpoint,
    installed_versions,
)

Checkpoints = Callable[[str], Path]
Installs = Callable[..., None]


def safetensors(data: bytes, **more: Any) -> bytes:
    """A file of one tensor of bytes."""
    tensor = {"dtype": "U8", "shape": [len(data)], "data_offsets": [0, len(data)]}
    header = json.dumps({"weight": tensor, **more}).encode()
    return struct.pack("<Q", len(header)) + header + data


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that looks like a checkpoint that sees."""
    candidate = tmp_path / "checkpoints" / "candidate"
    candidate.mkdir(parents=True)
    config = {"model_type": "llava", "dtype": "bfloat16", "vision_config": {}}
    (candidate / "config.json").write_text(json.dumps(config))
    (candidate / "tokenizer.json").write_text("{}")
    (candidate / "processor_config.json").write_text("{}")
    (candidate / "chat_template.jinja").write_text("{{ messages }}")
    (candidate / "model.safetensors").write_bytes(safetensors(b"12345678"))
    return candidate


def refusal(folder: Path) -> str:
    """What the inspection says against a folder."""
    with pytest.raises(CheckpointError) as caught:
        inspect_checkpoint(folder)
    return str(caught.value)


def test_says_what_it_found(folder: Path) -> None:
    """A whole checkpoint gives its facts."""
    facts = inspect_checkpoint(folder)
    assert (facts.model_type, facts.dtype, facts.has_vision) == ("llava", "bfloat16", True)
    assert facts.weights == (folder / "model.safetensors",)


@pytest.mark.parametrize(
    ("config", "dtype"),
    [
        ({"torch_dtype": "float16"}, "float16"),
        ({"text_config": {"dtype": "bfloat16"}}, "bfloat16"),
        ({}, ""),
    ],
)
def test_finds_the_dtype_where_old_and_new_checkpoints_keep_it(
    folder: Path, config: dict[str, Any], dtype: str
) -> None:
    """Older configs say `torch_dtype`, some say it only of their text part."""
    (folder / "config.json").write_text(json.dumps({"model_type": "llama", **config}))
    assert inspect_checkpoint(folder).dtype == dtype


def test_a_missing_folder_is_told_with_its_nearest_sibling(folder: Path) -> None:
    """A typing mistake in a folder's name is the most common one."""
    text = refusal(folder.with_name("candidat"))
    assert f"there is no checkpoint folder {str(folder.with_name('candidat'))!r}." in text
    assert "did you mean     'candidate'?" in text


def test_a_file_in_the_place_of_a_folder(folder: Path) -> None:
    """Naming the weights themselves is answered with the folder that holds them."""
    text = refusal(folder / "model.safetensors")
    assert "is a file, not a checkpoint's folder." in text
    assert str(folder) in text.splitlines()[1]


def test_no_config(folder: Path) -> None:
    """A folder without config.json is told as such."""
    (folder / "config.json").rename(folder / "configs.json")
    text = refusal(folder)
    assert "has no config.json." in text
    assert "did you mean   'configs.json'?" in text


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe"])
def test_a_config_that_is_not_a_json_object(folder: Path, content: bytes) -> None:
    """A config that was cut short is named, with the place where reading failed."""
    (folder / "config.json").write_bytes(content)
    assert "config.json' is not a JSON object." in refusal(folder)


@pytest.mark.parametrize("merged", [True, False])
def test_an_adapter_is_no_model(folder: Path, *, merged: bool) -> None:
    """With its base model beside it or not: that alone would be judged, or something else."""
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "acme/vlm-3"}')
    (folder / "adapter_model.safetensors").write_bytes(safetensors(b"1234"))
    if not merged:
        (folder / "config.json").unlink()
        (folder / "model.safetensors").unlink()
    text = refusal(folder)
    assert "is an adapter, not a whole model." in text
    assert "merge_and_unload()" in text


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "adapter_model.bin"])
def test_an_adapter_whose_config_is_gone(folder: Path, name: str) -> None:
    """Its weights would be passed over in silence."""
    (folder / name).write_bytes(safetensors(b"1234"))
    assert f"found        {name}" in refusal(folder)


def test_no_tokenizer(folder: Path) -> None:
    """Weights without a tokenizer cannot be asked."""
    (folder / "tokenizer.json").unlink()
    assert "has no tokenizer." in refusal(folder)


def test_no_processor_for_the_pictures(folder: Path) -> None:
    """A vision part without a processor cannot be shown anything."""
    (folder / "processor_config.json").unlink()
    assert "has a vision part, and no processor for its pictures." in refusal(folder)


def test_a_text_only_checkpoint_needs_no_processor(folder: Path) -> None:
    """Without a vision part there is nothing to prepare."""
    (folder / "processor_config.json").unlink()
    (folder / "config.json").write_text('{"model_type": "llama"}')
    assert not inspect_checkpoint(folder).has_vision


def test_no_weights(folder: Path) -> None:
    """A folder of configs only is told as such."""
    (folder / "model.safetensors").unlink()
    assert "holds no weights." in refusal(folder)


def test_pickled_weights_are_refused(folder: Path) -> None:
    """Loading pickle runs code; the way out is told."""
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    text = refusal(folder)
    assert "holds its weights only as pickle, which can run code." in text
    assert "save_pretrained()" in text


def test_a_missing_shard_is_named(folder: Path) -> None:
    """The index says which shards there have to be."""
    (folder / "model.safetensors").rename(folder / "model-1.safetensors")
    shards = {"a": "model-1.safetensors", "b": "model-2.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": shards}))
    text = refusal(folder)
    assert "lacks 1 of its 2 shards." in text
    assert "first missing   model-2.safetensors" in text


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"weight_map": [1]}'])
def test_an_unreadable_index(folder: Path, content: str) -> None:
    """An index that was cut short is not taken for a checkpoint without shards."""
    (folder / "model.safetensors").rename(folder / "model-1.safetensors")
    (folder / "model.safetensors.index.json").write_text(content)
    assert "does not say which shard holds which weight." in refusal(folder)


def test_one_whole_file_counts_more_than_an_index(folder: Path) -> None:
    """It is what transformers reads: the shards are those of an older save in the same folder."""
    (folder / "model-1.safetensors").write_bytes(safetensors(b"of old"))
    index = {"weight_map": {"weight": "model-1.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert inspect_checkpoint(folder).weights == (folder / "model.safetensors",)
    before = mark(folder)
    (folder / "model.safetensors").write_bytes(safetensors(b"87654321"))
    assert mark(folder) != before


@given(cut=st.integers(min_value=0, max_value=10_000))
def test_weights_cut_short_anywhere_are_noticed(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    """Whatever the place of the cut, and only then."""
    weights = safetensors(bytes(300), __metadata__={"format": "pt"})
    file = tmp_path_factory.mktemp("cut") / "model.safetensors"
    file.write_bytes(weights)
    check_sizes([file])
    file.write_bytes(weights[: cut % len(weights)])
    with pytest.raises(CheckpointError, match=r"half written|not a safetensors file"):
        check_sizes([file])


def test_half_written_weights_are_told_with_both_sizes(folder: Path) -> None:
    """The reader sees how much is missing."""
    file = folder / "model.safetensors"
    size = file.stat().st_size
    file.write_bytes(file.read_bytes()[:-3])
    text = refusal(folder)
    assert f"header promises   {size:,} bytes" in text
    assert f"file has          {size - 3:,} bytes" in text


def test_a_git_lfs_pointer_is_not_weights(folder: Path) -> None:
    """A clone without LFS has pointers in the place of weights."""
    (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\n")
    assert "git lfs pull" in refusal(folder)


def mark(folder: Path, **changed: Any) -> str:
    """A fingerprint under usual settings."""
    return fingerprint(
        folder, **{"dtype": "float32", "attention": "sdpa", "versions": {}, **changed}
    )


def test_equal_folders_have_equal_fingerprints(folder: Path, tmp_path: Path) -> None:
    """Neither place nor time of a copy matters, nor what is not part of the model."""
    copy = shutil.copytree(folder, tmp_path / "elsewhere" / "released")
    (copy / "README.md").write_text("A model.")
    (copy / "trainer_state.json").write_text("{}")
    (copy / ".cache").mkdir()
    (copy / ".cache" / "found.json").write_text("{}")
    assert mark(copy) == mark(folder)


@pytest.mark.parametrize(
    "name",
    ["model.safetensors", "config.json", "tokenizer.json", "processor_config.json",
     "chat_template.jinja"],
)  # fmt: skip
def test_every_file_of_the_model_is_in_the_fingerprint(folder: Path, name: str) -> None:
    """One changed byte in any of them is another model."""
    before = mark(folder)
    with (folder / name).open("r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        stream.write(b"\n")
    assert mark(folder) != before


def test_settings_are_in_the_fingerprint(folder: Path) -> None:
    """Dtype, attention and what prepares the pictures change answers."""
    changes = [{}, {"dtype": "float16"}, {"attention": "eager"}, {"backend": "pil"}]
    assert len({mark(folder, **change) for change in changes}) == len(changes)


def test_what_computes_is_in_the_fingerprint(folder: Path) -> None:
    """An upgrade may change pixels and logits under the same weights, and what is there counts."""
    versions = [{"torch": "2.13.0", "pillow": "13.0.0"}, {"torch": "2.14.1", "pillow": "13.0.0"}]
    more = {**versions[0], "torchvision": "0.29.1"}
    assert len({mark(folder, versions=installed) for installed in [*versions, more, {}]}) == 4
    assert mark(folder, versions=dict(reversed(more.items()))) == mark(folder, versions=more)


def test_unchanged_files_are_not_read_again(folder: Path, tmp_path: Path) -> None:
    """What is remembered is believed, by path, size, times and inode: a forged one shows it."""
    memory = tmp_path / "remembered" / "hashes.json"
    first = mark(folder, hash_cache_file=memory)
    known = json.loads(memory.read_bytes())
    assert mark(folder, hash_cache_file=memory) == first == mark(folder)
    memory.write_text(json.dumps(dict.fromkeys(known, "forged")))
    assert mark(folder, hash_cache_file=memory) != first


def test_a_touched_file_is_read_again(folder: Path, tmp_path: Path) -> None:
    """New content of the same size is noticed by its time."""
    memory = tmp_path / "hashes.json"
    first = mark(folder, hash_cache_file=memory)
    file = folder / "tokenizer.json"
    file.write_text("[]")
    os.utime(file, ns=(1, 1))
    assert mark(folder, hash_cache_file=memory) != first


def test_a_file_whose_time_was_set_back_is_read_again(folder: Path, tmp_path: Path) -> None:
    """Weights of one architecture have one size, and copying programs keep times."""
    memory, file = tmp_path / "hashes.json", folder / "model.safetensors"
    first, state = mark(folder, hash_cache_file=memory), file.stat()
    file.write_bytes(safetensors(b"87654321"))
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert mark(folder, hash_cache_file=memory) != first


def test_a_file_that_changes_while_it_is_read_is_not_remembered(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run must not take the new weights for the old ones."""
    memory, file = tmp_path / "hashes.json", folder / "model.safetensors"
    usual = hashlib.file_digest

    def overwritten(stream: Any, name: str) -> Any:
        digest = usual(stream, name)
        if stream.name == str(file):
            file.write_bytes(safetensors(b"87654321"))
        return digest

    monkeypatch.setattr(hashlib, "file_digest", overwritten)
    mark(folder, hash_cache_file=memory)
    monkeypatch.undo()
    assert mark(folder, hash_cache_file=memory) == mark(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a": 1}', b"\xff"])
def test_a_broken_memory_costs_time_only(folder: Path, tmp_path: Path, content: bytes) -> None:
    """It is written anew."""
    memory = tmp_path / "hashes.json"
    memory.write_bytes(content)
    assert mark(folder, hash_cache_file=memory) == mark(folder)
    assert json.loads(memory.read_bytes())


def test_a_memory_that_cannot_be_written_costs_time_only(folder: Path, tmp_path: Path) -> None:
    """A full or read-only disk is no reason not to know the checkpoint."""
    (tmp_path / "file").touch()
    assert mark(folder, hash_cache_file=tmp_path / "file" / "hashes.json") == mark(folder)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_files_that_cannot_be_read_are_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Trainers that run as another user often save for that user alone."""
    usual = Path.open

    def denied(file: Path, *how: Any, **more: Any) -> Any:
        if file.name == name:
            raise PermissionError(errno.EACCES, "Permission denied", str(file))
        return usual(file, *how, **more)

    monkeypatch.setattr(Path, "open", denied)
    text = refusal(folder)
    assert "cannot be read." in text
    assert f"file         {folder / name}" in text
    assert "reason       Permission denied" in text
    with pytest.raises(CheckpointError, match="cannot be read"):
        mark(folder)


VERSIONS = {"torch": "2.13.0", "transformers": "5.23.0", "tokenizers": "0.23.3", "pillow": "13.0.0"}


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Installs:
    """Lets the versions above be installed, but for those that are named."""

    def install(**other: str) -> None:
        there = {**VERSIONS, **other}

        def version(package: str) -> str:
            if package not in there:
                raise PackageNotFoundError(package)
            return there[package]

        monkeypatch.setattr(checkpoint, "version", version)

    return install


def test_the_public_version_counts(installed: Installs) -> None:
    """Builds of one release are one release, and what is not there has none."""
    installed(torch="2.13.0+cpu", tokenizers="0.23.4.dev0+g9f2c1e0")
    assert installed_versions(torchvision=True) == {**VERSIONS, "tokenizers": "0.23.4.dev0"}


@pytest.mark.parametrize(("torchvision", "version"), [(True, "0.29.1"), (False, None)])
def test_torchvision_counts_where_it_prepares_pictures(
    installed: Installs, version: str | None, *, torchvision: bool
) -> None:
    """Installing it for something else asks nothing again."""
    installed(torchvision="0.29.1+cu130")
    assert installed_versions(torchvision=torchvision).get("torchvision") == version


def loaded_mark(folder: Path) -> str:
    """The fingerprint of a loaded checkpoint."""
    from pytest_mmbench.models.local import load  # noqa: PLC0415 - it loads torch

    return load(str(folder), device="cpu").fingerprint


@pytest.mark.torch
def test_an_upgrade_makes_another_model(installed: Installs, checkpoints: Checkpoints) -> None:
    """Kept answers do not outlive it, and a run saved before it is not the candidate itself."""
    marks = []
    for other in ({}, *({package: "99.0"} for package in VERSIONS)):
        installed(**other)
        marks.append(loaded_mark(checkpoints("llama")))
    assert len(set(marks)) == len(marks)


@pytest.mark.torch
def test_another_build_makes_no_other_model(installed: Installs, checkpoints: Checkpoints) -> None:
    """Nor does torchvision, to a checkpoint whose pictures Pillow prepares."""
    marks = set()
    for other in ({}, {"torch": "2.13.0+cu130"}, {"torchvision": "0.29.1"}):
        installed(**other)
        marks.add(loaded_mark(checkpoints("llama")))
    assert len(marks) == 1


def test_needs_no_torch() -> None:
    """Looking at a checkpoint loads neither torch nor transformers."""
    code = (
        "import sys, pytest_mmbench.models.checkpoint;"
        "print(*{'torch', 'transformers', 'numpy', 'PIL'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("content", ["[" * 100_000, '{"a":' * 100_000, "9" * 5_000, "\ud800", "[]"])
@pytest.mark.parametrize(
    "name", ["config.json", "model.safetensors", "model.safetensors.index.json"]
)
def test_foreign_json_gives_errors_of_this_project(folder: Path, name: str, content: str) -> None:
    """Nested without end, with endless digits, no text at all, or another shape than promised."""
    data = content.encode("utf-8", "surrogatepass")
    if name == "model.safetensors":
        data = len(data).to_bytes(8, "little") + data
    elif name != "config.json":
        (folder / "model.safetensors").unlink()
    (folder / name).write_bytes(data)

    with pytest.raises(CheckpointError):
        inspect_checkpoint(folder)
