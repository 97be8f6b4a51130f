"""Measures the strict readers on published answers: `python tests/measure_reader.py FOLDER`.

The folder holds files as their authors published them: `math-vision/` (test.jsonl and one file of
answers for each model), `blink/MODEL/TASK.json`, `mmmu-pro/*.jsonl`, `logicvista/dataset.json`
with `*-answers.json`, and `hallusionbench/*result*.json`. What is not there is left out. For each
file it says how many answers were read, how many name something that is no option, how many are
unread, and where the reading differs from the authors' own.

Answers are halved by a hash of their name: rules are tuned on one half and reported on the other.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).with_name("house")))

from blink_options import BLINK

from pytest_mmbench.records import LETTERS, Answer, Mark, Sample
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.yes_no import STRICT_YES_NO

YES_NO = ("Yes", "No")


class Published(NamedTuple):
    """One published answer."""

    file: str
    name: str
    text: str
    options: Sequence[str]
    authors: str
    """The letter that its authors read; `-` for something else, empty where they say nothing."""

    @property
    def is_held_out(self) -> bool:
        """Whether it belongs to the half that no rule was tuned on."""
        return hashlib.sha256(f"{self.file} {self.name}".encode()).digest()[0] % 2 == 1


class Reading(NamedTuple):
    """What was read out of one published answer."""

    published: Published
    letter: str
    """`-` for something that is no option, empty if unread."""

    @property
    def kind(self) -> str:
        """`same`, `differs`, `unread` or `alone` (the authors say nothing)."""
        if not self.letter:
            return "unread"
        if not self.published.authors:
            return "alone"
        return "same" if self.letter == self.published.authors else "differs"


def records(path: Path) -> Iterator[dict[str, str]]:
    """Lines of JSON."""
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())


def math_vision(folder: Path) -> Iterator[Published]:
    """Options are texts or letters; the authors' reading is either."""
    questions = {row["id"]: row["options"] for row in records(folder / "test.jsonl")}
    for path in sorted(set(folder.glob("*.jsonl")) - {folder / "test.jsonl"}):
        for row in records(path):
            if options := questions[row["id"]]:
                letter = authors_letter(row["model_answer"], options)
                yield Published(path.name, row["id"], row["response"], options, letter)


def authors_letter(said: str, options: Sequence[str]) -> str:
    """The letter of what the authors took an answer for, which they keep as a letter or a text."""
    plain = [simple(each) for each in (said, *options)]
    opening = re.match(r"\(?([a-z])(?:$|\))", plain[0])
    letter = opening[1].upper() if opening else ""
    if plain[0] in plain[1:]:
        letter = letter or LETTERS[plain[1:].index(plain[0])]
    return letter if letter and letter in LETTERS[: len(options)] else "-"


def simple(text: str) -> str:
    """Without fonts, units and blanks, as the authors compare."""
    text = re.sub(r"\\(?:text|mathrm|mbox|left|right)\b|[${}~\s]|\^\s*\\circ", "", text.lower())
    text = re.sub(r"(?<=\d)\.0$|(?<=[\d}])(?:cm|m|km)(?:\^?\d)?$|\\?%$", "", text)
    return re.sub(r"\\[dt]frac", r"\\frac", text)


def blink(folder: Path) -> Iterator[Published]:
    """`(Z)` stands for no reading."""
    for path in sorted(folder.glob("*/*.json")):
        for row in (row for part in json.loads(path.read_text()).values() for row in part):
            authors = row["prediction"].strip("()").replace("Z", "")
            options = BLINK[path.stem]
            yield Published(path.stem, row["idx"], row["full_prediction"], options, authors)


def mmmu_pro(folder: Path) -> Iterator[Published]:
    """Up to ten options; a letter was drawn where the authors' rule read none."""
    for path in sorted(folder.glob("*.jsonl")):
        for row in records(path):
            options = [str(each) for each in ast.literal_eval(row["options"])]
            yield Published(path.name, row["id"], row["response"], options, row["pred_indexs"])


def logicvista(folder: Path) -> Iterator[Published]:
    """Options stand in the question or in the picture: letters alone; nobody's reading."""
    for path in sorted(folder.glob("*-answers.json")):
        for name, row in json.loads(path.read_text()).items():
            text = row["answer"].rpartition("ASSISTANT:")[2]
            yield Published(path.name, name, text, ("", "", "", "", ""), "")


def hallusionbench(folder: Path) -> Iterator[Published]:
    """Yes or no; nobody's reading."""
    for path in sorted(folder.glob("*result*.json")):
        for number, row in enumerate(json.loads(path.read_text())):
            yield Published(path.name, str(number), row["model_prediction"], YES_NO, "")


LAYOUTS = {
    "math-vision": math_vision,
    "blink": blink,
    "mmmu-pro": mmmu_pro,
    "logicvista": logicvista,
    "hallusionbench": hallusionbench,
}


def read(published: Published) -> Reading:
    """By the strict rule of the question's kind."""
    scorer = STRICT_YES_NO if published.options is YES_NO else StrictChoice()
    sample = Sample(
        id="s", dimension="d", question="", options=tuple(published.options), target="A"
    )
    score = scorer(sample, Answer(sample="s", text=published.text))
    outside = score.mark is Mark.INCORRECT and score.answer not in tuple(LETTERS)
    return Reading(published, "-" if outside else score.answer)


def table(readings: Sequence[Reading]) -> str:
    """One row for each file, and all of them."""
    lines = [
        "| file | answers | read | outside | unread | differs |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    files = dict.fromkeys(each.published.file for each in readings)
    for file in (*files, "all"):
        chosen = [each for each in readings if file in ("all", each.published.file)]
        kinds = Counter(each.kind for each in chosen)
        outside = sum(each.letter == "-" for each in chosen)
        counts = (len(chosen), len(chosen) - kinds["unread"] - outside, outside)
        lines.append(
            "| " + " | ".join(map(str, (file, *counts, kinds["unread"], kinds["differs"]))) + " |"
        )
    return "\n".join(lines)


def shown(reading: Reading, characters: int) -> str:
    """One answer for a reader's eye: its end, as that is where it concludes."""
    published = reading.published
    options = " | ".join(
        f"{letter}) {text}" for letter, text in zip(LETTERS, published.options, strict=False)
    )
    readings = f"read {reading.letter or 'nothing'}, authors {published.authors}"
    head = f"=== {published.file} {published.name}: {readings}"
    return f"{head}\n    {options}\n{published.text[-characters:]}\n"


def main() -> None:
    """Prints the table, or answers of one kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=("tune", "held-out", "both"), default="tune")
    parser.add_argument("--show", choices=("same", "differs", "unread", "alone"))
    parser.add_argument("--file", default="", help="only of this file")
    parser.add_argument("--most", type=int, default=20, help="answers shown, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--characters", type=int, default=700, help="of each answer's end")
    chosen = parser.parse_args()
    halves = {"tune": (False,), "held-out": (True,), "both": (False, True)}[chosen.half]
    answers = [
        each
        for name, layout in LAYOUTS.items()
        if (chosen.folder / name).is_dir()
        for each in layout(chosen.folder / name)
        if each.is_held_out in halves and chosen.file in ("", each.file)
    ]
    readings = [read(each) for each in answers]
    print(table(readings))
    if chosen.show:
        kind = [each for each in readings if each.kind == chosen.show]
        drawn = random.Random(chosen.seed).sample(kind, min(chosen.most, len(kind)))
        print(*(shown(each, chosen.characters) for each in drawn), sep="\n")


if __name__ == "__main__":
    main()
