import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pytest_mmbench.errors import DataError
from pytest_mmbench.results import baselines, run_file


def kept(folder: Path, name: str = "a.json", content: bytes = b"one") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_what_is_pinned_may_not_change(tmp_path: Path) -> None:
    """The same content is accepted, any other is refused with both digests."""
    path = kept(tmp_path)
    baselines.check_pinned(path, b"anything, before it is pinned")
    digest = baselines.pin(path)

    baselines.check_pinned(path, b"one")
    with pytest.raises(DataError) as caught:
        baselines.check_pinned(path, b"two")

    assert caught.value.problem == f"{path} is pinned, and has changed since."
    assert caught.value.facts["pinned"] == f"{digest[:16]}..."
    assert caught.value.facts["now"] == f"{baselines.sha256(b'two')[:16]}..."


def test_others_are_free(tmp_path: Path) -> None:
    """A pin is of one file, by its name."""
    baselines.pin(kept(tmp_path))

    baselines.check_pinned(tmp_path / "b.json", b"whatever")


def test_pins_add_up(tmp_path: Path) -> None:
    """One more does not undo the others; the same again notes what it holds now."""
    baselines.pin(kept(tmp_path))
    baselines.pin(kept(tmp_path, "b.json"))
    baselines.pin(kept(tmp_path, "a.json", b"new"))

    assert baselines.checksums(tmp_path) == {
        "a.json": baselines.sha256(b"new"),
        "b.json": baselines.sha256(b"one"),
    }


def test_the_list_is_in_the_format_of_sha256sum(tmp_path: Path) -> None:
    """A reviewer checks it without this package."""
    if not shutil.which("sha256sum"):
        pytest.skip("there is no sha256sum here")
    path = kept(tmp_path)
    baselines.pin(path)

    def checked() -> int:
        command = ["sha256sum", "--check", "--strict", baselines.CHECKSUM_FILE]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    assert checked() == 0
    path.write_bytes(b"two")
    assert checked() == 1


def test_a_list_of_sha256sum_is_read(tmp_path: Path) -> None:
    """Its own two forms, with any line break; names may hold blanks."""
    digest = baselines.sha256(b"one")
    (tmp_path / baselines.CHECKSUM_FILE).write_bytes(
        f"{digest}  a b.json\r\n{digest} *c.json\n\n{digest.upper()}  d.json\n".encode()
    )

    assert baselines.checksums(tmp_path) == dict.fromkeys(("a b.json", "c.json", "d.json"), digest)


@pytest.mark.parametrize("line", ["<<<<<<< HEAD", "abc  a.json", "0" * 64, "0" * 64 + " a.json"])
def test_a_damaged_list_protects_nothing_and_is_refused(tmp_path: Path, line: str) -> None:
    """A line that is lost in a merge must not set a baseline free in silence."""
    (tmp_path / baselines.CHECKSUM_FILE).write_text(
        f"{'0' * 64}  x.json\n{line}\n", encoding="utf-8"
    )

    with pytest.raises(DataError, match=r"line 2 of .* pins nothing"):
        baselines.check_pinned(tmp_path / "a.json", b"")


def test_a_pinned_file_that_is_gone_is_told(tmp_path: Path) -> None:
    """Its name would else be taken for that of a checkpoint."""
    folder = tmp_path / baselines.BASELINES
    folder.mkdir()
    path = kept(folder, "released.json")
    baselines.pin(path)
    path.unlink()

    with pytest.raises(DataError, match="is pinned, and is not there"):
        baselines.find_run("released", tmp_path)
    assert baselines.find_run("another", tmp_path) is None


def test_a_run_is_read_only_as_it_was_pinned(tmp_path: Path) -> None:
    """Whatever way leads to the file."""
    path = kept(tmp_path, "released.json", b"{}")
    baselines.pin(path)
    path.write_bytes(b'{"schema": 1}')

    with pytest.raises(DataError, match="is pinned, and has changed since"):
        run_file.read(path)


@pytest.mark.parametrize(
    "lines",
    [
        "{one}  a.json\n{two}  a.json\n",
        "{two}  a.json\n{one}  a.json\n",
        "{two}  ./a.json\n",
        "{two}  ../{folder}/a.json\n",
        "{one}  a.jsno\n",
        "{one}  a.json\n{one}  gone.json\n",
    ],
)
def test_whatever_sha256sum_refuses_is_refused(tmp_path: Path, lines: str) -> None:
    """A name twice, one that is written otherwise, and one of which there is no file."""
    path = kept(tmp_path)
    digests = {name: baselines.sha256(name.encode()) for name in ("one", "two")}
    text = lines.format(**digests, folder=tmp_path.name)
    (tmp_path / baselines.CHECKSUM_FILE).write_text(text, encoding="utf-8")

    with pytest.raises(DataError):
        baselines.check_pinned(path, path.read_bytes())


def test_a_link_is_what_it_leads_to(tmp_path: Path) -> None:
    """Another name of a pinned file, in its folder or in another one, does not set it free."""
    path = kept(tmp_path)
    baselines.pin(path)
    (tmp_path / "other").mkdir()
    links = [tmp_path / "b.json", tmp_path / "other" / "c.json"]
    for link in links:
        link.symlink_to(path)

    for link in links:
        baselines.check_pinned(link, b"one")
        with pytest.raises(DataError, match="is pinned, and has changed since"):
            baselines.check_pinned(link, b"two")


@pytest.mark.parametrize("below", ["sub", "sub/deep"])
def test_a_list_above_counts_below_the_baselines(tmp_path: Path, below: str) -> None:
    """`sha256sum --check` reads it there; a list above that folder is of something else."""
    folder = tmp_path / baselines.BASELINES
    (folder / below).mkdir(parents=True)
    path = kept(folder / below)
    line = f"{baselines.sha256(b'one')}  {below}/a.json\n"
    (folder / baselines.CHECKSUM_FILE).write_text(line, encoding="utf-8")
    (tmp_path / baselines.CHECKSUM_FILE).write_text("not a list of pins\n", encoding="utf-8")

    baselines.check_pinned(path, b"one")
    with pytest.raises(DataError, match="is pinned, and has changed since"):
        baselines.check_pinned(path, b"two")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name here")
@pytest.mark.parametrize("name", ["a.json", baselines.CHECKSUM_FILE])
def test_a_pipe_is_no_baseline(tmp_path: Path, name: str) -> None:
    """Nobody may ever write into it: it is refused instead of being waited for."""
    kept(tmp_path)
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)

    with pytest.raises(DataError, match=r"is not a saved run|cannot be read"):
        run_file.read(tmp_path / "a.json")
