"""Reads the numbers in real open answers, and lists what the strict reader makes of them.

    python tests/measure_numbers.py FOLDER [--prose] [--half report] [--show unread|differs|read]

FOLDER holds `math-vision/test.jsonl` and beside it files of answers with the fields `id`,
`response` and `model_answer`, what the authors of the benchmark took for the answer. Half of the
questions, by a hash of the id, is for looking at while the reader is written; the other is for
reporting, once. A reading differs if its value is not the one that the authors read. Who of the two
is right, the list has to show to a careful reader. With `--prose` boxes are opened and the words
`the answer is` left out: what is left is what a model says that was not asked for either.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from pytest_mmbench.scorers.number_answer import read_number
from pytest_mmbench.scorers.open_answer import is_number


class OpenAnswer(NamedTuple):
    id: str
    gold: str
    text: str
    authors: str
    """What the authors read."""


def half(id: str) -> str:
    """Where a question belongs: `tune` or `report`."""
    return "tune" if hashlib.sha256(id.encode()).digest()[0] % 2 == 0 else "report"


def open_answers(file: Path) -> Iterator[OpenAnswer]:
    """The answers of a file to questions without options whose gold is a number."""
    questions = {row["id"]: row for row in rows(file.with_name("test.jsonl"))}
    for row in rows(file):
        question = questions[row["id"]]
        if not question["options"] and is_number(question["answer"]):
            yield OpenAnswer(row["id"], question["answer"], row["response"], row["model_answer"])


def prose(text: str) -> str:
    """A text without boxes and without the announcement of its answer."""
    text = re.sub(r"\\boxed\{((?:[^{}]|\{[^{}]*\})*)\}", r"\1", text)
    return re.sub(r"(?i)\bthe (?:final |correct )?answer(?: is)?:?\s*|\banswer:\s*", "", text)


def rows(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def outcome(answer: OpenAnswer) -> str:
    """`read`, `unread`, or `differs` from what the authors read."""
    reading = read_number(answer.text)
    if not reading:
        return "unread"
    authors = read_number(answer.authors)
    agrees = bool(authors) and Fraction(reading) == Fraction(authors)
    return "read" if agrees else "differs"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=("tune", "report"), default="tune")
    parser.add_argument("--show", choices=("read", "unread", "differs"))
    parser.add_argument("--end", type=int, default=300, help="characters shown, from the end")
    parser.add_argument("--prose", action="store_true")
    given = parser.parse_args()
    for file in sorted((given.folder / "math-vision").glob("*.jsonl")):
        if file.name == "test.jsonl":
            continue
        answers = [answer for answer in open_answers(file) if half(answer.id) == given.half]
        if given.prose:
            answers = [each._replace(text=prose(each.text)) for each in answers]
        outcomes = Counter(map(outcome, answers))
        print(file.name, given.half, len(answers), dict(outcomes))
        for answer in answers:
            if outcome(answer) == given.show:
                reading, end = read_number(answer.text), answer.text[-given.end :]
                print(f"\n--- {answer.id}: gold {answer.gold}, {answer.authors!r}, {reading!r}")
                print(end)


if __name__ == "__main__":
    main()
