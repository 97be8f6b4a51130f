from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publishing.pictures import as_text

from pytest_mmbench.benchmarks.readers.folders import DataFolder
from pytest_mmbench.benchmarks.readers.pictures import (
    file_suffix,
    is_picture,
    picture_bytes,
    picture_count,
)

NOWHERE = DataFolder(Path("nowhere"))


def test_base64_comes_in_several_dresses(published: Any) -> None:
    """Plain, as a data URL, broken into lines, or in a list that is written as text."""
    text = published.base64(5)
    forms = [text, f"data:image/png;base64,{text}", f"{text[:20]}\n{text[20:]}", f"['{text}']"]
    forms += [f"data:image/png;charset=utf-8;base64,{text}", f"DATA:image/PNG;base64,{text}"]

    assert [picture_bytes(form, NOWHERE) for form in forms] == [published.picture(5)] * len(forms)


@given(st.binary(min_size=1, max_size=100))
def test_any_bytes_come_back_from_every_way_of_storing_them(content: bytes) -> None:
    """As they are, in a struct, in a list, as base64, as a list that is written as text."""
    forms = [
        content,
        {"bytes": content, "path": "x.png"},
        [b"other", content],
        as_text(content),
        repr([as_text(content)]),
    ]
    places = [0, 0, 1, 0, 0]

    found = [picture_bytes(form, NOWHERE, at=at) for form, at in zip(forms, places, strict=True)]
    assert found == [content] * len(forms)
    assert [picture_count(form) for form in forms] == [1, 1, 2, 1, 1]


@pytest.mark.parametrize(
    "stored", [None, b"", "", [], {"bytes": None, "path": None}, 7, "é", "[broken"]
)
def test_what_is_no_picture(stored: object) -> None:
    """Nothing, and anything unknown, is a ValueError and never an empty picture."""
    with pytest.raises(ValueError, match=r"."):
        picture_bytes(stored, NOWHERE)


@pytest.mark.parametrize("stored", [None, b"", "", "nan", " ", [], {"bytes": None, "path": None}])
def test_nothing_counts_as_no_picture(stored: object) -> None:
    """Every way in which files say that there is none."""
    assert picture_count(stored) == 0


def test_a_path_counts_without_being_looked_for() -> None:
    """Whether the file is there is seen when it is read."""
    assert picture_count("images/gone.jpg") == 1
    assert picture_count({"bytes": None, "path": "images/gone.jpg"}) == 1
    assert picture_count("['a.jpg', 'b.jpg']") == 2


def test_a_path_that_leads_nowhere(tmp_path: Path) -> None:
    """A picture's file that is missing is an OSError, which names it."""
    with pytest.raises(OSError, match=r"gone\.jpg"):
        picture_bytes("images/gone.jpg", DataFolder(tmp_path))


def test_suffixes_of_encoded_pictures(published: Any) -> None:
    """The first bytes tell which suffix a viewer wants."""
    assert file_suffix(published.picture()) == ".png"
    assert file_suffix(b"\xff\xd8\xff\xe0") == ".jpg"
    assert file_suffix(b"anything") == ""


def test_what_looks_like_a_picture(published: Any) -> None:
    """Bytes, paths by their suffix, data URLs, and base64 by how pictures begin; also in lists."""
    text = published.base64(5)
    pictures = [
        *(b"x", "a/b.JPG", text, f"data:image/png;base64,{text}", ["1.png"], "['1.png']"),
        *({"bytes": b"x", "path": None}, {"bytes": None, "path": "1.png"}),
    ]
    others: list[object] = [
        b"",
        "",
        "a question",
        "1",
        [],
        None,
        7,
        "[broken",
        {"bytes": None, "path": None},
    ]

    assert [is_picture(each) for each in pictures] == [True] * len(pictures)
    assert [is_picture(each) for each in others] == [False] * len(others)
