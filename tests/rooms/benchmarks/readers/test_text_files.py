from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publishing.archives import archive, folder
from publishing.tables import json_file

from pytest_mmbench.benchmarks.readers import open_table, text_files
from pytest_mmbench.benchmarks.readers.folders import open_files
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError
from pytest_mmbench.records import BadRows

# JSON lines end where texts may not: at a line feed.
values = st.text(st.characters(codec="utf-8"), max_size=12) | st.integers() | st.none()
records = st.lists(st.dictionaries(st.sampled_from("abc"), values, min_size=1), min_size=1)


@given(records, st.sampled_from(["m.json", "m.jsonl"]))
def test_every_field_comes_back(
    tmp_path_factory: pytest.TempPathFactory, content: list[dict[str, object]], name: str
) -> None:
    """Any text, also one with separators of lines that are not JSON's."""
    path = json_file(tmp_path_factory.mktemp("m") / name, content)

    assert [row.fields for row in open_table(str(path), pictures=[]).rows] == content


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.json", '[{"id": "a", "image": "i/1.png"}, {"id": "b", "image": null}]'),
        ("m.json", '{"questions": [{"id": "a", "image": "i/1.png"}, {"id": "b"}], "kinds": {}}'),
        ("m.json", '{"a": {"image": "i/1.png"}, "b": {}}'),
        ("m.jsonl", '{"id": "a", "image": "i/1.png"}\n\n{"id": "b"}\n'),
    ],
)
def test_the_layouts_in_use(published: Any, name: str, text: str) -> None:
    """A list, an object with a list, an object by id, and lines give the same records."""
    published.text("i/1.png", published.picture(9))
    table = open_table(str(published.text(name, text)), pictures=["image"])

    assert [row.text("id") for row in table.rows] == ["a", "b"]
    assert "image" in table.columns
    assert table.rows[0].picture("image", name="p").read() == published.picture(9)
    with pytest.raises(DataError, match="image holds no picture"):
        table.rows[1].picture("image", name="p").read()


@pytest.mark.parametrize(
    ("text", "told"), [('[{"id": "a"', "m.json is not JSON."), ("[1]", "record 0 of m.json")]
)
def test_what_is_no_record(published: Any, text: str, told: str) -> None:
    """Files that break off, and values that are no records, are refused."""
    path: Path = published.text("m.json", text)

    with pytest.raises(DataError, match=told):
        open_table(str(path), pictures=[])


def test_pictures_in_files_without_a_suffix(published: Any) -> None:
    """SEED-Bench names its pictures without one; a file that is missing is told with its row."""
    published.text("images/12_34", published.picture(4))
    text = '[{"data_id": "12_34"}, {"data_id": "56_78"}]'
    rows = open_table(str(published.text("m.json", text)), pictures=[]).rows
    first, second = (
        row.file(f"images/{row.text('data_id')}", field="data_id", name="p") for row in rows
    )

    assert first.read() == published.picture(4)
    with pytest.raises(DataError, match="data_id holds no picture") as caught:
        second.read()
    assert caught.value.facts["row"] == "1 (counted from 0)"


def test_a_line_that_is_damaged_loses_no_other(published: Any) -> None:
    """JSON lines are read one by one: where bad rows are skipped, the others are kept."""
    path = published.text("m.jsonl", '{"id": "a"}\n{"id": \n[1]\n{"id": "b"}\n')

    with pytest.raises(DataError, match=r"record 1 of m\.jsonl is not JSON") as caught:
        open_table(str(path), pictures=[])
    table = open_table(str(path), pictures=[], bad_rows=BadRows.SKIP)

    assert caught.value.facts["row"] == "1 (counted from 0)"
    assert [row.text("id") for row in table.rows] == ["a", "b"]
    assert [each.facts["row"][0] for each in table.bad_row_errors] == ["1", "2"]


def test_an_object_by_id_may_hold_one_list_by_mistake(published: Any) -> None:
    """It is a record that is none, and not the records."""
    path = published.text("m.json", '{"1": {"a": 1}, "2": [7], "3": {"a": 3}}')

    table = open_table(str(path), pictures=[], bad_rows=BadRows.SKIP)

    assert [row.text("id") for row in table.rows] == ["1", "3"]
    assert len(table.bad_row_errors) == 1


def test_pictures_that_are_still_packed(published: Any) -> None:
    """MathVista names `images/1.jpg`, and publishes `images.zip`."""
    archive(published.folder / "images.zip", {"images/1.jpg": published.picture(8)})
    path = json_file(published.folder / "testmini.json", {"1": {"image": "images/1.jpg"}})
    row = open_table(str(path), pictures=["image"]).rows[0]

    assert row.picture("image", name="p").read() == published.picture(8)


@pytest.mark.parametrize("packed", [True, False])
def test_a_file_for_each_picture(published: Any, *, packed: bool) -> None:
    """AI2D's questions: files make one table, from a folder as from its archive."""
    files = {
        "ai2d/questions/1.png.json": b'{"imageName": "1.png", "questions": {}}',
        "ai2d/questions/2.png.json": b'[{"imageName": "2.png"}, {"imageName": "3.png"}]',
        "ai2d/categories.json": b'{"1.png": "foodChain"}',
        "ai2d/images/2.png": published.picture(6),
    }
    place = published.folder / ("ai2d-all.zip" if packed else "data")
    (archive if packed else folder)(place, files)

    table = text_files.read_json_files(open_files(str(place)), "questions/*.json")

    assert [row.text("imageName") for row in table.rows] == ["1.png", "2.png", "3.png"]
    assert table.rows[2].source.location(2) == ("ai2d/questions/2.png.json", 1)
    picture = table.rows[1].file("ai2d/images/2.png", field="imageName", name="p")
    assert picture.read() == published.picture(6)


def test_no_file_of_that_name(published: Any) -> None:
    """The error has the pattern, and a file that is damaged is named."""
    place = open_files(str(published.folder))
    with pytest.raises(DataError, match=r"holds no file questions/\*\.json"):
        text_files.read_json_files(place, "questions/*.json")

    published.text("questions/1.json", "{")
    with pytest.raises(DataError, match=r"questions/1\.json is not JSON") as caught:
        text_files.read_json_files(place, "questions/*.json")
    assert caught.value.facts["file"] == "questions/1.json"

    published.text("questions/2.json", '{"id": "2"}')
    skipping = text_files.read_json_files(place, "questions/*.json", bad_rows=BadRows.SKIP)
    assert [row.text("id") for row in skipping.rows] == ["2"]
    assert len(skipping.bad_row_errors) == 1


def test_the_whole_of_seed_bench_2_is_read_in_moments(published: Any) -> None:
    """24,371 records with up to eight pictures each, none of which is looked for."""
    many = [f"task19/frames/W/{at}.png" for at in range(8)]
    question = {"question": "What is shown in these pictures?" * 2, "answer": "A", "level": "L1"}
    content = [
        {"question_id": f"1_{at}", "data_id": many if at % 4 == 0 else f"{at}_{at}", **question}
        for at in range(24_371)
    ]
    path = json_file(published.folder / "m.json", {"questions": content, "question_type": {}})

    table = open_table(str(path), pictures=[])

    assert len(table.rows) == 24_371
    assert table.rows[4].several("data_id") == tuple(many)


TEMPLATE = {
    "eval_tool/existence.txt": b"1.jpg\tIs it a disc?\tYes\n1.jpg\tIs it a hat?\tNo\tNo, a disc\n",
    "eval_tool/OCR.txt": b"2.jpg\tIs it a word?\tYes\r\n\r\n2.jpg\tIs it a sign?\tNo\n",
    "images/existence/1.jpg": b"one",
}
"""As MME's own tool wants them: one file for each subtask, the answer last."""
RELEASE = {
    "MME/OCR/1.txt": b"Is it a word?\tYes\nIs it a sign?\tNo\n",
    "MME/OCR/1.jpg": b"one",
    "MME/scene/questions_answers_YN/2.txt": b"Is it a lake?\tYes\nIs it a street?\tNo",
    "MME/scene/images/2.jpg": b"two",
}
"""As its pictures are released: one file for each of them, beside it or in a folder beside its."""


def read(place: Any, pattern: str, *columns: str, **how: Any) -> Table:
    return text_files.read_line_files(open_files(str(place)), pattern, columns, **how)


def test_one_file_for_each_subtask(published: Any) -> None:
    """Files come in the order of their names, and each line knows its file."""
    table = read(
        folder(published.folder, TEMPLATE),
        "eval_tool/*.txt",
        *("image", "question", "answer"),
        optional=["response"],
    )

    assert [row.text("answer") for row in table.rows] == ["Yes", "No", "Yes", "No"]
    assert [row.optional("response") for row in table.rows] == ["", "", "", "No, a disc"]
    assert [(row.text("file"), row.integer("line")) for row in table.rows[1:3]] == [
        ("eval_tool/OCR.txt", 1),
        ("eval_tool/existence.txt", 0),
    ]
    last = table.rows[3]
    picture = last.file(f"images/existence/{last.text('image')}", field="image", name="p")
    assert picture.read() == b"one"


def test_files_that_are_not_wanted_are_not_read(published: Any) -> None:
    """Notes may lie among them, in no layout at all."""
    place = folder(published.folder, RELEASE | {"MME/readme.txt": b"one\ttwo\tthree\tfour"})

    found = read(place, "*.txt", "question", "answer", select=lambda path: "/OCR/" in path)

    assert [row.text("file") for row in found.rows] == ["MME/OCR/1.txt"] * 2
    with pytest.raises(DataError, match=r"holds no file \*.txt"):
        read(place, "*.txt", "question", "answer", select=lambda _: False)


def test_one_file_for_each_picture(published: Any) -> None:
    """The release is read out of its archive as it is, both of its layouts."""
    place = archive(published.folder / "MME_Benchmark_release_version.zip", RELEASE)

    beside = read(place, "OCR/*.txt", "question", "answer")
    apart = read(place, "questions_answers_YN/*.txt", "question", "answer")

    assert [row.text("question") for row in beside.rows] == ["Is it a word?", "Is it a sign?"]
    assert apart.rows[1].fields == {
        "question": "Is it a street?",
        "answer": "No",
        "file": "MME/scene/questions_answers_YN/2.txt",
        "line": 1,
    }
    picture = apart.rows[0].file("MME/scene/images/2.jpg", field="file", name="p")
    assert picture.read() == b"two"


@pytest.mark.parametrize("bad", ["only one", "a\tb\tc", "a\0\tb"])
def test_a_line_that_is_damaged(published: Any, bad: str) -> None:
    """It is told with file, row and field, or skipped and counted."""
    published.text("a.txt", f"one\tYes\n{bad}\ntwo\tNo\n")

    with pytest.raises(DataError, match=r"a line of a\.txt h(as|olds)") as caught:
        read(published.folder, "*.txt", "question", "answer")
    table = read(published.folder, "*.txt", "question", "answer", bad_rows=BadRows.SKIP)

    assert caught.value.facts["file"] == "a.txt"
    assert caught.value.facts["row"] == "1 (counted from 0)"
    assert [row.text("question") for row in table.rows] == ["one", "two"]
    assert len(table.bad_row_errors) == 1


def test_a_file_that_is_no_text(published: Any) -> None:
    """MME has one for each picture: the others are not lost with it."""
    published.text("a.txt", b"\xff\tYes\n")
    published.text("b.txt", "two\tNo\n")

    with pytest.raises(DataError, match=r"a\.txt of .* cannot be read"):
        read(published.folder, "*.txt", "question", "answer")
    table = read(published.folder, "*.txt", "question", "answer", bad_rows=BadRows.SKIP)
    assert [row.text("question") for row in table.rows] == ["two"]
    assert len(table.bad_row_errors) == 1


def test_no_line_file_of_that_name(published: Any) -> None:
    """The error has the pattern."""
    with pytest.raises(DataError, match=r"holds no file \*\.txt"):
        read(published.folder, "*.txt", "question")


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\t\r\n"), min_size=1)


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5))
def test_every_line_comes_back(
    tmp_path_factory: pytest.TempPathFactory, content: list[tuple[str, str]]
) -> None:
    """Any text without a tab or a line break, with quotes and blanks as they are."""
    text = "".join(f"{one}\t{other}\n" for one, other in content)
    place = folder(tmp_path_factory.mktemp("m"), {"a.txt": text.encode()})

    found = read(place, "*.txt", "one", "other").rows

    wanted = [pair for pair in content if any(map(str.strip, pair))]
    assert [(row.fields["one"], row.fields["other"]) for row in found] == wanted
