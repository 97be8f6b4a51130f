from pathlib import Path

import pytest

from pytest_mmbench.files import expand

NOWHERE = "~nobody-of-that-name/x"


def test_a_home_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` is the user's own home, also where no shell has said so, as in a settings file."""
    monkeypatch.setenv("HOME", "/home/of-mine")
    monkeypatch.setenv("USERPROFILE", "/home/of-mine")

    assert expand("~/data") == Path("/home/of-mine/data")


@pytest.mark.parametrize("typed", [NOWHERE, "data/~x", "/data"])
def test_everything_else_stays_as_typed(typed: str) -> None:
    """A home that nobody has is a name like any other, as it is for a shell."""
    assert expand(typed) == Path(typed)
