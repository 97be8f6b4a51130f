"""Scores published answers through the recipes: `python tests/measure_recipes.py FOLDER`.

The folder holds files as their authors published them: `math-vision/test.jsonl` with one file of
answers, `blink/MODEL/TASK.json`, `pope/coco_pope_*.json`, `hallusionbench/HallusionBench.json` with
`*_result_*.json`, `mmmu-pro/*.jsonl` and `logicvista/dataset.json` with `*-answers.json`. What is
not there is left out.

Each file is loaded by its recipe, with noise in the place of pictures in a scratch folder, and the
answers are scored by the recipe's own scorers. A row of the table says how many questions were
loaded and expected, how many have an answer, what was published of those answers, and what the
published and the strict rule give.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).with_name("house")))

import PIL.Image
from blink_options import BLINK

from pytest_mmbench import registry
from pytest_mmbench.benchmarks.recipes.recipe import read_recipe
from pytest_mmbench.errors import MMBenchWarning
from pytest_mmbench.protocols import Benchmark, view_units
from pytest_mmbench.records import Answer, Average, Mark, Method
from pytest_mmbench.testing import samples

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One recipe's data, and real answers to them."""

    recipe: str
    data: Path
    """With stand-ins for pictures."""
    answers: Mapping[str, str]
    """By id; none where only questions are published."""
    correct: Mapping[str, bool]
    """What the authors say of each answer; none where they say nothing."""
    note: str = ""


def lines(path: Path) -> Rows:
    """Records of a JSON lines file."""
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def write_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """A JSON lines file."""
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def noise(path: Path) -> None:
    """A picture of grey noise that no other name has."""
    pixels = random.Random(path.as_posix()).randbytes(64)
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.frombytes("L", (8, 8), pixels).save(path)


def math_vision(folder: Path, scratch: Path) -> Iterator[Published]:
    """The authors say of each answer whether it is correct."""
    rows = lines(folder / "test.jsonl")
    data = write_lines(scratch / "test.jsonl", rows)
    for row in rows:
        noise(scratch / row["image"])
    for path in sorted(set(folder.glob("*.jsonl")) - {folder / "test.jsonl"}):
        answers = lines(path)
        yield Published(
            recipe="mathvision",
            data=data,
            answers={row["id"]: row["response"] for row in answers},
            correct={row["id"]: row["correct"] for row in answers},
        )


def blink(folder: Path, scratch: Path) -> Iterator[Published]:
    """Questions are not in the files of answers, and options are those that all of a task have."""
    for model in sorted(path for path in folder.iterdir() if path.is_dir()):
        rows: Rows = []
        for path in sorted(model.glob("*.json")):
            for row in json.loads(path.read_text(encoding="utf-8"))["val"]:
                noise(scratch / f"{row['idx']}.png")
                known = [
                    text or f"option {letter}"
                    for letter, text in zip("ABCD", BLINK[path.stem], strict=False)
                ]
                rows.append(
                    {
                        **row,
                        "question": "?",
                        "choices": known,
                        "sub_task": path.stem,
                        "image_1": f"{row['idx']}.png",
                    }
                )
        yield Published(
            recipe="blink",
            data=write_lines(scratch / f"{model.name}.jsonl", rows),
            answers={row["idx"]: row["full_prediction"] for row in rows},
            correct={row["idx"]: row["prediction"] == row["answer"] for row in rows},
            note="question and options as the task has them",
        )


def mmmu_pro(folder: Path, scratch: Path) -> Iterator[Published]:
    """The form in which the picture shows the question; a letter was drawn where none was read."""
    for path in sorted(folder.glob("*.jsonl")):
        rows = lines(path)
        for row in rows:
            row["image"] = f"{row['id']}.png"
            noise(scratch / row["image"])
        answers = {row["id"]: row["response"] for row in rows}
        correct = {row["id"]: row["if_right"] for row in rows}
        questions = [{**row, "response": "", "pred_indexs": ""} for row in rows]
        data = write_lines(scratch / path.name, questions)
        yield Published(recipe="mmmu-pro-vision", data=data, answers=answers, correct=correct)


def pope(folder: Path, scratch: Path) -> Iterator[Published]:
    """Questions alone."""
    for path in sorted(folder.glob("coco_pope_*.json")):
        for row in lines(path):
            if not (scratch / row["image"]).exists():
                noise(scratch / row["image"])
        (scratch / path.name).write_bytes(path.read_bytes())
    yield Published(recipe="pope", data=scratch, answers={}, correct={})


def hallusionbench(folder: Path, scratch: Path) -> Iterator[Published]:
    """The sample of results has other questions too, and nobody's reading."""
    rows = json.loads((folder / "HallusionBench.json").read_text(encoding="utf-8"))
    data = scratch / "HallusionBench.json"
    data.write_text(json.dumps(rows), encoding="utf-8")
    keys = ("category", "subcategory", "visual_input", "set_id", "figure_id", "question_id")
    asked = {}
    for row in rows:
        asked["/".join(map(row.get, keys))] = row["question"].strip()
        if row["filename"]:
            noise(scratch / row["filename"])
    for path in sorted(folder.glob("*result*.json")):
        results = json.loads(path.read_text(encoding="utf-8"))
        answers = {"/".join(map(row.get, keys)): row for row in results}
        yield Published(
            recipe="hallusionbench",
            data=data,
            answers={
                id: row["model_prediction"]
                for id, row in answers.items()
                if asked.get(id) == row["question"].strip()
            },
            correct={},
            note=f"{len(results)} answers, of which these are to questions of the file",
        )


def logicvista(folder: Path, scratch: Path) -> Iterator[Published]:
    """Nobody's reading."""
    rows = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    data = scratch / "dataset.json"
    data.write_text(json.dumps(rows), encoding="utf-8")
    for row in rows.values():
        noise(scratch / row["imagename"])
    for path in sorted(folder.glob("*-answers.json")):
        answers = json.loads(path.read_text(encoding="utf-8"))
        said = {id: row["answer"].rpartition("ASSISTANT:")[2] for id, row in answers.items()}
        yield Published(recipe="logicvista", data=data, answers=said, correct={})


SETS: Mapping[str, Callable[[Path, Path], Iterator[Published]]] = {
    "math-vision": math_vision,
    "blink": blink,
    "mmmu-pro": mmmu_pro,
    "pope": pope,
    "hallusionbench": hallusionbench,
    "logicvista": logicvista,
}


def score(benchmark: Benchmark, credits: Mapping[str, Fraction]) -> Fraction:
    """By the aggregate of the benchmark, over the ids that have a credit."""
    by_leaf = defaultdict(list)
    for id, credit in credits.items():
        by_leaf[benchmark.sample(id).dimension].append(credit)
    if benchmark.dimensions()[0].average is Average.MACRO:
        means = (sum(each, Fraction(0)) / len(each) for each in by_leaf.values())
        return sum(means, Fraction(0)) / len(by_leaf)
    return sum(credits.values(), Fraction(0)) / len(credits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The answers of one set by one rule."""

    benchmark: Benchmark
    credits: Mapping[str, Fraction]
    """By id."""
    unparseable: int


def scored(published: Published, scoring: str) -> Scored:
    """What each answer earns by the strict or the official rule."""
    options = {"data": str(published.data), "scoring": scoring}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        benchmark = registry.benchmark(published.recipe, options)
    scorer = benchmark.scorer(Method.GENERATE)
    scores = {
        sample.id: scorer(sample, Answer(sample=sample.id, text=published.answers[sample.id]))
        for sample in samples(benchmark)
        if sample.id in published.answers
    }
    return Scored(
        benchmark=benchmark,
        credits={id: each.credit for id, each in scores.items()},
        unparseable=sum(each.mark is Mark.UNPARSEABLE for each in scores.values()),
    )


def percent(benchmark: Benchmark, credits: Mapping[str, Fraction]) -> str:
    """A score as people write it; a dash if there is none."""
    return f"{float(100 * score(benchmark, credits)):.2f}" if credits else "-"


def wholes(scored: Scored) -> str:
    """The share of each group's units that are right as a whole, of those that are answered so."""
    said: list[str] = []
    for view, labels in view_units(scored.benchmark).items():
        units: dict[str, list[Fraction | None]] = defaultdict(list)
        for id, label in labels.items():
            units[label].append(scored.credits.get(id))
        whole = [all(each == 1 for each in unit) for unit in units.values() if None not in unit]
        name = view.partition(".")[2]
        said.append(f"{name} {sum(whole)} of {len(whole)}")
    return ", ".join(said)


def line(published: Published) -> str:
    """A row of the table."""
    official, strict = scored(published, "official"), scored(published, "strict")
    benchmark = official.benchmark
    correct = {id: Fraction(said) for id, said in published.correct.items()}
    recipe = read_recipe(published.recipe)
    (expected, *_) = (each[published.recipe] for each in recipe.counts.values())
    cells = (
        published.recipe,
        f"{benchmark.dimensions()[0].size} of {expected}",
        len(official.credits),
        percent(benchmark, correct),
        percent(benchmark, official.credits),
        percent(benchmark, strict.credits),
        strict.unparseable,
        "; ".join(filter(None, [published.note, wholes(official)])),
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    print(
        "| recipe | loaded | answers | authors' reading | official | strict | unparseable | note |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---|")
    for name, published_of in SETS.items():
        if (folder / name).is_dir():
            with tempfile.TemporaryDirectory() as scratch:
                for published in published_of(folder / name, Path(scratch)):
                    print(line(published))


if __name__ == "__main__":
    main()
