"""Benchmarks that are published as JSON or text with pictures beside it, opened as they lie.

Pictures are written after the data were opened: whoever looks for one too early does not find it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from publishing.archives import archive, folder
from publishing.pictures import grey
from publishing.tables import json_file

from pytest_mmbench.benchmarks.readers import open_table, text_files, video
from pytest_mmbench.benchmarks.readers.folders import open_files, read_json, read_text
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.records import Picture

ROOTS = ("cc3m-image", "SEED-Bench-image")
"""What the folder of SEED-Bench's first nine dimensions is called, in its second and first year."""


def contents(pictures: Mapping[str, tuple[Picture, ...]]) -> list[bytes]:
    return [picture.read() for each in pictures.values() for picture in each]


def put(place: Path, root: str, files: dict[str, bytes], *, packed: bool) -> None:
    """Pictures in a folder, or in the archive of that name."""
    if packed:
        archive(place / f"{root}.zip", {f"{root}/{name}": each for name, each in files.items()})
    else:
        folder(place / root, files)


@pytest.mark.parametrize("packed", [True, False])
def test_seed_bench(published: Any, *, packed: bool) -> None:
    """Pictures without a suffix, and frames of videos in a folder for each question."""
    questions = [
        {"question_id": "101669", "data_id": "1454426_2591111986", "data_type": "image"},
        {"question_id": "v1738", "data_id": "94328.webm", "data_type": "video"},
    ]
    content = {"questions": questions, "question_type": {"Scene Understanding": 1}}
    json_file(published.folder / "SEED-Bench.json", content)

    def shown(id: str, row: Row) -> tuple[Picture, ...]:
        if row.text("data_type") == "image":
            paths = [f"{root}/{row.text('data_id')}" for root in ROOTS]
            return (row.file(*paths, field="data_id", name=id),)
        frames = f"v1_video/task10/ssv2_8_frame/{id}"
        return video.frames_in_folder(row, frames, field="question_id", name=id)

    table = open_table(str(published.folder), pictures=(), called=("SEED-Bench*.json",))
    found = build_samples(table, shown, id="question_id").items
    images = {"1454426_2591111986": grey(0)}
    put(published.folder, "SEED-Bench-image", images, packed=packed)
    frames = {f"task10/ssv2_8_frame/v1738/{at}.png": grey(at) for at in range(1, 9)}
    put(published.folder, "v1_video", frames, packed=packed)

    assert contents(found) == [grey(at) for at in range(9)]


@pytest.mark.parametrize("packed", [True, False])
def test_seed_bench_2(published: Any, *, packed: bool) -> None:
    """Two roots, told apart by the source of each question; one picture or a list of them."""
    frames = [f"task19/Charades_test_frame/WRQ95/{at}.png" for at in range(1, 9)]
    questions = [
        {"question_id": "5_0", "data_id": "1454426_2591111986", "data_source": "cc3m"},
        {"question_id": "19_0", "data_id": frames, "data_source": "SEED-Bench v2"},
    ]
    content = {"questions": questions, "question_type": {"Instances Counting": 5}}
    json_file(published.folder / "SEED-Bench_v2_level1_2_3.json", content)

    def shown(id: str, row: Row) -> tuple[Picture, ...]:
        roots = ROOTS if row.text("data_source") == "cc3m" else ("SEED-Bench-2-image",)
        return tuple(
            row.file(*(f"{root}/{path}" for root in roots), field="data_id", name=id)
            for path in row.several("data_id")
        )

    found = build_samples(
        open_table(str(published.folder), pictures=()), shown, id="question_id"
    ).items
    put(published.folder, "cc3m-image", {"1454426_2591111986": grey(0)}, packed=packed)
    second = {path: grey(at) for at, path in enumerate(frames, start=1)}
    put(published.folder, "SEED-Bench-2-image", second, packed=packed)

    assert contents(found) == [grey(at) for at in range(9)]


def test_science_qa(published: Any) -> None:
    """Problems by id, splits in a file beside them, pictures in a folder for each problem."""
    problems = {
        "1": {"question": "Q?", "choices": ["a", "b"], "image": None, "split": "test"},
        "2": {"question": "Q?", "choices": ["a", "b"], "image": "image.png", "split": "test"},
        "3": {"question": "Q?", "choices": ["a", "b"], "image": "image.png", "split": "train"},
    }
    json_file(published.folder / "problems.json", problems)
    json_file(published.folder / "pid_splits.json", {"test": ["1", "2"], "train": ["3"]})
    data = str(published.folder)

    def shown(id: str, row: Row) -> tuple[Picture, ...]:
        path = f"images/{row.text('split')}/{id}/{row.text('image')}"
        return (row.file(path, field="image", name=id),)

    test = set(read_json(open_files(data), "pid_splits.json")["test"])
    table = open_table(data, pictures=(), called=("problems.json",))
    chosen = table.where(lambda row: row.text("id") in test and bool(row.optional("image")))
    found = build_samples(chosen, shown, id="id").items
    folder(published.folder, {"images/test/2/image.png": grey(2)})

    assert contents(found) == [grey(2)]
    assert chosen.rows[0].texts("choices") == ("a", "b")


def test_math_vista(published: Any) -> None:
    """Problems by pid, in a folder that holds other JSON too; pictures still packed."""
    json_file(published.folder / "testmini.json", {"7": {"pid": "7", "image": "images/7.jpg"}})
    json_file(published.folder / "query.json", {"7": "Hint: ..."})

    table = open_table(str(published.folder), pictures=("image",), called=("testmini.json",))
    found = build_samples(table, lambda pid, row: row.pictures("image", name=pid), id="pid").items
    archive(published.folder / "images.zip", {"images/7.jpg": grey(7)})

    assert contents(found) == [grey(7)]


def test_mmie(published: Any) -> None:
    """Conversations of texts and pictures, whose paths begin with a dot."""
    said = [{"text": "Step 1.", "image": "./images/PBL/x_1.jpg"}, {"text": "Why?", "image": None}]
    record = {"id": "PBL-000001", "conversations": [{"from": "human", "content": said}]}
    json_file(published.folder / "data.json", [record])

    def shown(id: str, row: Row) -> tuple[Picture, ...]:
        conversations: Any = row.fields["conversations"]
        parts = [part for turn in conversations for part in turn["content"] if part["image"]]
        return tuple(row.file(part["image"], field="conversations", name=id) for part in parts)

    found = build_samples(open_table(str(published.folder), pictures=()), shown, id="id").items
    folder(published.folder, {"images/PBL/x_1.jpg": grey(1)})

    assert contents(found) == [grey(1)]


def test_ai2d(published: Any) -> None:
    """A file for each diagram, ids of the test set in a file of their own."""
    diagram = {"imageName": "1.png", "questions": {"Q?": {"questionId": "1.png-0"}}}
    other = {"imageName": "2.png", "questions": {"Q?": {"questionId": "2.png-0"}}}
    written = {f"questions/{each['imageName']}.json": each for each in (diagram, other)}
    files = {name: json.dumps(each).encode() for name, each in written.items()}
    folder(published.folder / "ai2d", {**files, "ai2d_test_ids.csv": b"1\n"})

    def shown(id: str, row: Row) -> tuple[Picture, ...]:
        return (row.file(f"images/{row.text('imageName')}", field="imageName", name=id),)

    place = open_files(str(published.folder / "ai2d"))
    ids = {f"{id}.png" for id in read_text(place, "ai2d_test_ids.csv").split()}
    diagrams = text_files.read_json_files(place, "questions/*.json")
    chosen = diagrams.where(lambda row: row.text("imageName") in ids)
    found = build_samples(
        chosen.unfolded("questions", key="question"), shown, id="questionId"
    ).items
    folder(published.folder / "ai2d", {"images/1.png": grey(1)})

    assert list(found) == ["1.png-0"]
    assert contents(found) == [grey(1)]
