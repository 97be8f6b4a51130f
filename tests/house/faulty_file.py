"""A file of questions with twelve faults, each in rows that are known, among sound ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from clean_questions import clean, encoded, noise

TABLE: Final = """
[benchmarks.acme]
questions = "questions.jsonl"
answer = "choice"
"""
FAULTS: Final[Mapping[str, list[str]]] = {
    "bad-row": [],
    "unreadable-picture": ["missing", "broken"],
    "two-correct": ["two-correct"],
    "contradiction": ["contradiction"],
    "duplicate": ["duplicate"],
    "near-duplicate": ["near-duplicate"],
    "twin-options": ["twins"],
    "named-answer": ["named"],
    "same-picture": ["copy"],
    "tiny-picture": ["tiny"],
    "mojibake": ["mojibake"],
    "html": ["html"],
}
"""The checks that find them, with the ids of the rows that they name."""


def row(at: int, **fields: object) -> dict[str, Any]:
    """A clean question as a row of the file, with other values in these fields."""
    sample = clean()[at]
    return {
        "id": sample.id,
        "picture": f"{at}.png",
        "question": sample.question,
        "options": list(sample.options),
        "target": sample.target,
        "capability": sample.dimension.partition(".")[2],
        **fields,
    }


def write_clean(folder: Path) -> list[dict[str, Any]]:
    """The rows of the clean questions, whose pictures lie in the folder."""
    for at in range(len(clean())):
        (folder / f"{at}.png").write_bytes(encoded(noise(at)))
    return [row(at) for at in range(len(clean()))]


def write_rows(folder: Path, rows: list[dict[str, Any]]) -> None:
    """The file of questions."""
    lines = "".join(f"{json.dumps(each)}\n" for each in rows)
    (folder / "questions.jsonl").write_text(lines, encoding="utf-8")


def write_faults(folder: Path) -> None:
    """The clean questions and twelve faults behind them."""
    sound = write_clean(folder)
    other = "ABCD"[("ABCD".index(sound[1]["target"]) + 1) % 4]
    twins = ["amber", "Amber.", "cedar", "delta"]
    for name, seed in (("copy", 9), ("tiny", 500)):
        size = (20, 20) if name == "tiny" else (96, 72)
        (folder / f"{name}.png").write_bytes(encoded(noise(seed, size=size)))
    (folder / "broken.png").write_bytes(b"no picture")
    plain = "Which name stands below the sign outside?"
    faults = [
        row(0, id="lost-key", target="F"),
        row(0, id="missing", picture="absent.png"),
        row(0, id="broken", picture="broken.png"),
        row(2, id="two-correct", question=plain, options=twins, target="B"),
        row(1, id="contradiction", target=other),
        row(3, id="duplicate"),
        row(4, id="near-duplicate", question=sound[4]["question"].replace("Which", "What is the")),
        row(5, id="twins", question=plain, options=twins, target="D"),
        row(6, id="named", question="Is it cedar?", options=twins[1:], target="B"),
        row(7, id="copy", question="What does the sign say?", picture="copy.png"),
        row(8, id="tiny", picture="tiny.png"),
        row(10, id="mojibake", question="What does the sign say in the caf\u00c3\u00a9?"),
        row(11, id="html", question="What does the sign say<br>outside?"),
    ]
    write_rows(folder, sound + faults)
