"""What is said of pictures without reading them: the same for the same bytes, and for no others."""

import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from publishing.archives import archive
from publishing.tables import STRUCT, STRUCTS, parquet

from pytest_mmbench import files
from pytest_mmbench.benchmarks.readers import open_table, video
from pytest_mmbench.benchmarks.readers.folders import DataFolder, open_files
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.files import file_stamp
from pytest_mmbench.records import Picture


@pytest.fixture
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test has just written counts as written long ago."""
    monkeypatch.setattr(files, "SETTLED", 0)


pytestmark = pytest.mark.usefixtures("_settled")


def later(path: Path) -> None:
    """Waits until a change of the file would get another time."""
    probe = path.with_name("probe")
    before = path.stat().st_ctime_ns
    while not probe.exists() or probe.stat().st_ctime_ns <= before:
        probe.write_bytes(b"")
    probe.unlink()


def write_with_the_same_time(path: Path, content: bytes) -> None:
    """Other content of the same length, with the time of the old one, as copying tools set it."""
    state = path.stat()
    later(path)
    path.write_bytes(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def replace_by_a_copy(path: Path, content: bytes) -> None:
    """Another file under the same name."""
    other = path.with_name("other")
    other.write_bytes(content)
    shutil.copystat(path, other)
    other.replace(path)


@pytest.mark.parametrize("change", [write_with_the_same_time, replace_by_a_copy])
def test_a_stamp_changes_with_the_file(
    tmp_path: Path, change: Callable[[Path, bytes], None]
) -> None:
    """Also if size and time of its content are those of before."""
    path = tmp_path / "a.png"
    path.write_bytes(b"one")
    before = file_stamp(path)
    change(path, b"two")

    assert before
    assert file_stamp(path) not in ("", before)


def test_equal_files_have_stamps_of_their_own(tmp_path: Path) -> None:
    """Nothing is known of what is in them."""
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"same")

    assert file_stamp(tmp_path / "a") != file_stamp(tmp_path / "b")
    assert file_stamp(tmp_path / "a") == file_stamp(tmp_path / "." / "a")
    assert file_stamp(tmp_path / "missing") == file_stamp(tmp_path / "\0") == ""


def test_a_file_that_was_just_changed_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It might be changed again within the same tick of its file system's clock."""
    monkeypatch.setattr(files, "SETTLED", 2_000_000_000)
    path = tmp_path / "a.png"
    path.write_bytes(b"one")
    now = time.time_ns()

    assert file_stamp(path) == ""
    monkeypatch.setattr(time, "time_ns", lambda: now + 3_000_000_000)
    assert file_stamp(path) != ""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A way of publishing two pictures."""

    write: Callable[[Any, int], None]
    """Writes both; the number is the shade of the first."""
    open: Callable[[Path], list[Picture]]


def column(folder: Path, name: str, column: str = "image") -> list[Picture]:
    rows = open_table(str(folder / name), pictures=[column]).rows
    return [picture for row in rows for picture in row.pictures(column, name="p")]


def beside(folder: Path) -> list[Picture]:
    rows = open_table(str(folder / "m.json"), pictures=["image"]).rows
    return [row.file(f"pictures/{row.text('id')}.png", field="id", name="p") for row in rows]


def in_a_folder(published: Any, shade: int) -> None:
    published.text("m.json", json.dumps([{"id": "1"}, {"id": "2"}]))
    published.text("pictures/1.png", published.picture(shade))
    published.text("pictures/2.png", published.picture(99))


def in_an_archive(published: Any, shade: int) -> None:
    published.text("m.json", json.dumps([{"id": "1"}, {"id": "2"}]))
    names = {"pictures/1.png": published.picture(shade), "pictures/2.png": published.picture(99)}
    archive(published.folder / "pictures.zip", names)


def named_in_json(published: Any, shade: int) -> None:
    in_a_folder(published, shade)
    rows = [{"image": f"pictures/{at}.png"} for at in (1, 2)]
    published.text("m.json", json.dumps(rows))


def whole_in_json(published: Any, shade: int) -> None:
    rows = [{"image": published.base64(shade)}, {"image": [published.base64(99)]}]
    published.text("m.json", json.dumps(rows))


def in_tsv(published: Any, shade: int) -> None:
    texts = [published.base64(shade), published.base64(99)]
    rows = [[str(at), text] for at, text in enumerate(texts)]
    published.tsv("m.tsv", ["index", "image"], *rows)


def in_parquet(published: Any, shade: int) -> None:
    shades = [published.picture(shade), published.picture(99)]
    rows = [{"image": {"bytes": each, "path": None}} for each in shades]
    parquet(published.folder / "m.parquet", rows, pictures={"image": STRUCT})


def listed_in_parquet(published: Any, shade: int) -> None:
    shades = [published.picture(shade), published.picture(99)]
    row = {"image": [{"bytes": each, "path": None} for each in shades]}
    parquet(published.folder / "m.parquet", [row], pictures={"image": STRUCTS})


LAYOUTS = {
    "folder": Layout(write=in_a_folder, open=beside),
    "archive": Layout(write=in_an_archive, open=beside),
    "path in JSON": Layout(write=named_in_json, open=lambda path: column(path, "m.json")),
    "text in JSON": Layout(write=whole_in_json, open=lambda path: column(path, "m.json")),
    "TSV": Layout(write=in_tsv, open=lambda path: column(path, "m.tsv")),
    "parquet": Layout(write=in_parquet, open=lambda path: column(path, "m.parquet")),
    "list in parquet": Layout(write=listed_in_parquet, open=lambda path: column(path, "m.parquet")),
}
layouts = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)


@layouts
def test_an_identity_is_the_same_in_every_run(layout: Layout, published: Any) -> None:
    """Before and after a picture is read, and for whoever opens the data again."""
    layout.write(published, 1)
    one, other = layout.open(published.folder)
    first = one.identity()
    assert one.read() == published.picture(1)
    again = layout.open(published.folder)

    assert first
    assert one.identity() == again[0].identity() == first
    assert other.identity() == again[1].identity()
    assert other.identity() not in ("", first)


@layouts
def test_an_identity_changes_with_the_bytes(layout: Layout, published: Any) -> None:
    """What was remembered of the old ones is never taken for the new ones."""
    layout.write(published, 1)
    known = {each.identity(): each.read() for each in layout.open(published.folder)}
    for path in published.folder.iterdir():
        later(path)
    layout.write(published, 2)
    one, other = layout.open(published.folder)

    assert one.read() == published.picture(2)
    assert one.identity() not in known
    assert known.get(other.identity(), other.read()) == other.read()


@pytest.mark.parametrize("layout", ["TSV", "parquet"])
def test_a_path_is_no_identity_of_what_lies_there(layout: str, published: Any) -> None:
    """That a column holds paths shows when it is read: then nothing is remembered of it."""
    published.text("pictures/1.png", published.picture(1))
    if layout == "TSV":
        published.tsv("m.tsv", ["index", "image"], ["0", "pictures/1.png"])
    else:
        row = {"image": {"bytes": None, "path": "pictures/1.png"}}
        parquet(published.folder / "m.parquet", [row], pictures={"image": STRUCT})
    (picture,) = LAYOUTS[layout].open(published.folder)
    before = picture.identity()

    assert picture.read() == published.picture(1)
    assert picture.identity() != before
    assert picture.identity() == ""


def test_the_first_place_counts(published: Any) -> None:
    """A file that turns up where it is looked for first is another picture, unpacked or not."""
    published.text("b/1.png", published.picture(1))
    archive(published.folder / "c.zip", {"c/2.png": published.picture(2)})
    files = DataFolder(published.folder)
    before = [files.identity("a/1.png", "b/1.png"), files.identity("c/2.png")]
    published.text("a/1.png", published.picture(1))
    published.text("c/2.png", published.picture(2))
    after = [files.identity("a/1.png", "b/1.png"), files.identity("c/2.png")]

    assert len({*before, *after} - {""}) == 4


def test_nothing_is_said_of_what_is_not_there(published: Any) -> None:
    """Nor of what lies in a damaged archive: reading it will tell what is wrong."""
    published.text("a.zip", b"PK and no more")
    files = DataFolder(published.folder)

    assert files.identity("a/1.png") == files.identity("b/1.png") == files.identity() == ""
    assert open_files(str(published.folder / "a.zip")).identity("1.png") == ""


def test_an_archive_is_believed_as_it_was_when_it_was_opened(published: Any) -> None:
    """Its bytes come from the open file, also after another was put in its place."""
    path = published.folder / "a.zip"
    archive(path, {"a/1.png": published.picture(1)})
    files = DataFolder(published.folder)
    before = files.identity("a/1.png")
    archive(published.folder / "new.zip", {"a/1.png": published.picture(2)})
    (published.folder / "new.zip").replace(path)

    with files.open("a/1.png") as file:
        assert file.read() == published.picture(1)
    assert files.identity("a/1.png") == before
    assert DataFolder(published.folder).identity("a/1.png") not in ("", before)


def test_no_picture_is_read_for_it(published: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data of 38 GB are not touched to find out that they are what they were."""
    in_parquet(published, 1)
    pictures = column(published.folder, "m.parquet")
    (source,) = {type(each.identity.__self__.row.source) for each in pictures}  # type: ignore[attr-defined]
    monkeypatch.setattr(source, "cell", None)

    assert len({each.identity() for each in pictures}) == 2


def test_pictures_of_a_row_group_lie_together(published: Any) -> None:
    """Where not all of them stay in memory, a group is named by its first row."""
    rows = [{"image": {"bytes": published.picture(at), "path": None}} for at in range(5)]
    for shard in (0, 1):
        parquet(
            published.folder / f"test-{shard:05}-of-00002.parquet",
            rows,
            pictures={"image": STRUCT},
            rows_per_group=2,
        )
    table = open_table(str(published.folder), pictures=["image"], split="test")
    source: Any = table.rows[0].source
    assert {source.group(row.number) for row in table.rows} == {0}
    source._cache_bytes = 10

    groups = [row.picture("image", name="p").group for row in table.rows]

    assert groups == [1, 1, 3, 3, 5, 6, 6, 8, 8, 10]


def frames(row: Row, name: str = "1.mp4", **more: Any) -> list[str]:
    shown = video.VideoDecoder().frames(row, name, field="id", name="f", **more)
    return [each.identity() for each in shown]


def test_frames_are_known_by_video_segment_and_place(published: Any) -> None:
    """No video is opened for it; without one there is nothing to be said."""
    published.text("m.json", json.dumps([{"id": "1"}]))
    published.text("1.mp4", b"no video at all")
    (row,) = open_table(str(published.folder / "m.json"), pictures=[]).rows
    whole = frames(row)
    part = frames(row, segment=video.VideoSegment(start=1, end=9, unit="frames"))
    seconds = frames(row, segment=video.VideoSegment(start=1, end=9, unit="seconds"))

    assert whole == frames(row)
    assert len({*whole, *part, *seconds} - {""}) == 3 * video.FRAMES
    assert set(frames(row, "2.mp4")) == {""}
