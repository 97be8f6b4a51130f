"""What the pages quote is what the commands say."""

import shlex
from typing import Any

import pytest
from pages import PAGES, named, text
from quoted_output import BLOCK, PICTURE, chosen, timeless

QUOTES = [
    (named(page), *found["spec"].split(" | "), found["said"])
    for page in PAGES
    for found in BLOCK.finditer(text(page))
]
COMMANDS = sorted({command for _, command, *_ in QUOTES})


def test_some_outputs_are_quoted() -> None:
    """The README has the gate's own output, and so have the pages on regression and vision."""
    assert {page for page, *_ in QUOTES} == {"README.md", "docs/regression.md", "docs/vision.md"}


def test_the_picture_of_the_report_is_small() -> None:
    """It is part of every clone."""
    assert 10_000 < PICTURE.stat().st_size < 200_000


@pytest.mark.torch
@pytest.mark.slow  # checkpoints are asked the whole default set
@pytest.mark.parametrize("command", COMMANDS)
def test_quoted_outputs_are_current(command: str, gate: Any) -> None:
    """`python tests/house/quoted_output.py` would change no page."""
    program, *arguments = shlex.split(command)
    lines = gate.run(*arguments).lines

    assert program == "pytest"
    for page, quoted, *spec, said in QUOTES:
        if quoted == command:
            fresh = "".join(f"{line}\n" for line in chosen(lines, spec))
            assert timeless(said) == timeless(fresh), page


def test_pieces_are_taken_in_their_order() -> None:
    """A line, a range, and dots where something is left out between two pieces."""
    lines = ["a", "b 1", "c", "d", "e", "f"]

    assert chosen(lines, ["from: ^b", "to: d", "from: f"]) == ["b 1", "c", "d", "...", "f"]
    assert chosen(lines, ["lines: ^[ac]"]) == ["a", "c"]


def test_times_are_no_difference() -> None:
    """Neither the seconds nor the width of pytest's lines around them."""
    quick, slow = "== 25 failed in 9.53s ==", "= 25 failed in 128.03s (0:02:08) ="

    assert timeless(quick) == timeless(slow)
    assert timeless("9 answers in 8.2 s (88 samples/s)") == timeless("9 answers in 11 s")
    assert timeless("== 25 failed in 9.53s ==") != timeless("== 24 failed in 9.53s ==")
