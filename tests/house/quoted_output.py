"""Outputs that the pages quote, and how they are made again: `python tests/house/quoted_output.py`.

A comment in front of a block of text names the command, and which of its lines are quoted:

    <!-- output of: pytest --mm-model=PATH | from: ^shapes | to: answers in -->
    ```text
    ```

`lines` takes every line that it matches; `from` takes the first line that it matches, and `to` what
follows up to its own first match. The program rewrites the blocks that have changed. `--picture`
also takes the picture of the HTML report, for which it needs Chromium.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Final

from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))

import browser
from pages import PAGES, named, text
from repository_gate import HOUSE, disturbs

PICTURE: Final = HOUSE / "docs" / "images" / "report.png"


REPORTED: Final = (
    "pytest --mm-model=fixtures/models/tiny-vlm-1.1 --mm-baseline=fixtures/models/tiny-vlm-1.0"
)
"""The run that the picture shows."""


BLOCK: Final = re.compile(
    r"<!-- output of: (?P<spec>.+?) -->\n```text\n(?P<said>.*?)```", re.DOTALL
)


_SPENT = re.compile(r"in [\d.]+ ?s(?: \([\d:]+\))?(?: \(\d+ samples/s\))?")


_RULE = re.compile(r"^=+ (.+) =+$", re.MULTILINE)
"""Pytest's lines across the terminal, whose ends depend on what stands between them."""


def chosen(lines: Sequence[str], spec: Sequence[str]) -> list[str]:
    """The quoted lines of an output, with `...` where others are left out between two pieces."""
    places: list[int] = []
    for word, _, pattern in (each.partition(": ") for each in spec):
        found = [at for at, line in enumerate(lines) if re.search(pattern, line)]
        if word == "lines":
            places += found
        elif word == "from":
            places.append(found[0])
        else:
            end = next(at for at in found if at > places[-1])
            places += range(places[-1] + 1, end + 1)
    quoted = []
    for before, at in pairwise([-1, *places]):
        quoted += ["..."] if before >= 0 and at != before + 1 and "lines" not in spec[0] else []
        quoted.append(lines[at])
    return quoted


@cache
def output(command: str) -> tuple[str, ...]:
    """The lines that a command prints in this repository, with nothing cached."""
    kept = {key: value for key, value in os.environ.items() if not disturbs(key)}
    with tempfile.TemporaryDirectory() as store:
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(command), "-p", "no:cacheprovider"],
            cwd=HOUSE,
            env={**kept, "COLUMNS": "100", "MMBENCH_STORE": store, "PYTHONPATH": str(HOUSE)},
            capture_output=True,
            text=True,
            check=False,
        )
    return tuple(line.rstrip() for line in done.stdout.splitlines())


def timeless(said: str) -> str:
    """The text without what differs between two runs of the same command."""
    return _RULE.sub(r"= \1 =", _SPENT.sub("in T s", said))


def refreshed(page: str) -> str:
    """A page with every quoted output made again; blocks that say the same are left alone."""

    def block(found: re.Match[str]) -> str:
        command, *spec = found["spec"].split(" | ")
        fresh = "".join(f"{line}\n" for line in chosen(output(command), spec))
        if timeless(fresh) == timeless(found["said"]):
            return found[0]
        return f"<!-- output of: {found['spec']} -->\n```text\n{fresh}```"

    return BLOCK.sub(block, page)


def refresh() -> None:
    """Rewrites the pages that are out of date."""
    for page in PAGES:
        before = text(page)
        after = refreshed(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
            print(named(page))


def take_picture() -> None:
    """The top of the HTML report."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        page = Path(scratch) / "report.html"
        output(f"{REPORTED} --mm-html={page}")
        with browser.chromium(browser.found(), Path(scratch) / "profile") as tab:
            tab.size(1280, 1130)
            tab.open(page)
            with Image.open(BytesIO(tab.picture())) as shot:
                shot.quantize(256, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
    print(named(PICTURE))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", action="store_true")
    told = parser.parse_args()
    refresh()
    if told.picture:
        take_picture()
