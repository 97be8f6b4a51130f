from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks.reading.pictures import encoded, suffix


def test_base64_comes_in_several_dresses(published: Any) -> None:
    """Plain, as a data URL, broken into lines, or in a list that is written as text."""
    text = published.base64(5)
    forms = [text, f"data:image/png;base64,{text}", f"{text[:20]}\n{text[20:]}", f"['{text}']"]

    assert [encoded(form, Path()) for form in forms] == [published.picture(5)] * 4


@pytest.mark.parametrize("stored", [None, b"", "", [], {"bytes": None, "path": None}, 7, "é"])
def test_what_is_no_picture(stored: object) -> None:
    """Nothing, and anything unknown, is a ValueError and never an empty picture."""
    with pytest.raises(ValueError, match=r"."):
        encoded(stored, Path())


def test_a_path_that_leads_nowhere(tmp_path: Path) -> None:
    """A picture's file that is missing is an OSError, which names it."""
    with pytest.raises(OSError, match=r"gone\.jpg"):
        encoded("images/gone.jpg", tmp_path)


def test_suffixes_of_encoded_pictures(published: Any) -> None:
    """The first bytes tell which suffix a viewer wants."""
    assert suffix(published.picture()) == ".png"
    assert suffix(b"\xff\xd8\xff\xe0") == ".jpg"
    assert suffix(b"anything") == ""
