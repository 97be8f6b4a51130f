from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publishing.archives import archive, folder

from pytest_mmbench.benchmarks.readers import text
from pytest_mmbench.benchmarks.readers.folders import open_files
from pytest_mmbench.benchmarks.readers.tables import Table
from pytest_mmbench.errors import DataError
from pytest_mmbench.records import BadRows

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
    return text.read(open_files(str(place)), pattern, columns, **how)


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

    found = read(place, "*.txt", "question", "answer", wanted=lambda path: "/OCR/" in path)

    assert [row.text("file") for row in found.rows] == ["MME/OCR/1.txt"] * 2
    with pytest.raises(DataError, match=r"holds no file \*.txt"):
        read(place, "*.txt", "question", "answer", wanted=lambda _: False)


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


def test_no_file_of_that_name(published: Any) -> None:
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
