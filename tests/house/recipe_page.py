"""The page of all recipes, made of them: `python tests/house/recipe_page.py` writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pytest_mmbench.benchmarks.questions.answer_types import ANSWER_TYPES
from pytest_mmbench.benchmarks.recipes import last_line
from pytest_mmbench.benchmarks.recipes.recipe import Recipe, read_recipe
from pytest_mmbench.benchmarks.settings import BenchmarkOptions
from pytest_mmbench.registry import RECIPES

PAGE: Final = Path(__file__).parents[2] / "docs" / "benchmarks" / "recipes.md"
RULES: Final[Mapping[str, str]] = {
    "refcoco": "intersection over union of at least 0.5 with the first four numbers in square "
    "brackets",
    "screenspot": "inside the box, as lmms-eval reads a point",
    "anls": "1 less the edit distance to the nearest reference, as a part of the longer text; 0 "
    "below 0.5",
    "contains": "a reference is contained in the answer, in small letters",
    "contains-formula": "a reference is contained in the answer, without blanks",
    "exact": "equal to a reference",
    "exact-letter": "nothing but the letter, perhaps in brackets or before a full stop",
    "pope": "no, if the first sentence has a no or not, else yes",
    "vlmevalkit": "VLMEvalKit's rule without a judge, as of [`mmbench`](mmbench.md)",
    "last-answer": "the only letter after the last `Answer:`, else MMMU's rule",
    "latex": "equal as a number or a formula",
    "only-bracket": "the only letter in brackets",
    "relaxed": "a number within 5 % of the reference, else equal ignoring case",
    "strict": "the strict rule",
    "vqa": "a third for each of ten people who gave that answer, at most 1",
    "words": "the only one of yes and no among the words",
}
"""What each published rule demands, in a line."""
HEAD: Final = """# Recipes

Published benchmarks that are ready by name and have no module: each is a declared file
(`pytest_mmbench/benchmarks/recipes/NAME.toml`) over the machinery of
[your own questions](own-questions.md). Everything that other benchmarks do works with them.

```toml
[benchmarks.pope]
data = "lmms-lab/POPE"   # or a file or folder with the same columns
scoring = "strict"       # strict (default) or official
```

As with [the others](index.md), nothing is downloaded unless `data` names a hub id. A file whose
counts are not the published ones loads with a warning. A column that is missing is an error that
names the nearest one. A project's own `questions`, or another package's benchmark, may have the
name of a recipe, and then stands for it.

!!! warning "What is from memory"
    The datasets of the hub could not be opened where this was written. What nobody checked in a
    source is listed as *from memory* with each recipe, and marked (m) where it stands alone. Papers
    are cited from memory. Tests run on invented rows in the same columns (`fixtures/recipes`).

`python tests/measure_recipes.py FOLDER` loads files as their authors published them, and scores
published answers by both rules.
"""


def number(count: int) -> str:
    """With a comma between thousands."""
    return f"{count:,}"


def wording(name: str, recipe: Recipe) -> str:
    """What stands below a question."""
    words = dict.fromkeys(recipe.settings, ())
    options = BenchmarkOptions(benchmark=name, options=recipe.settings, words=words)
    lists_options = ANSWER_TYPES[recipe.answer].lists_options
    lines = [last_line(recipe, options, has_options=lists_options)]
    if recipe.open_answer:
        lines.append(last_line(recipe, options, has_options=False))
    first, *others = dict.fromkeys(f"*{line}*" if line else "nothing" for line in lines)
    listed = "its options, a line each, and " if lists_options and not recipe.letters_only else ""
    below = "".join(f"; below one without options, {line}" for line in others)
    return f"the question, {listed}{first}{below} (at most {number(recipe.new_tokens)} new tokens)"


def rule(word: str) -> str:
    """A rule with what it demands."""
    return f"`{word}`: {RULES[word]}"


def facts(name: str, recipe: Recipe) -> Iterator[tuple[str, str]]:
    """The rows of a recipe's table."""
    hub = f"`{recipe.hub}`" if recipe.hub else ""
    configs = ", ".join(f"`{config}`" for config in recipe.configs[:1])
    if len(recipe.configs) > 1:
        configs = f"all {len(recipe.configs)} configurations"
    elif configs:
        configs = f"configuration {configs}"
    local = [each.about for each in recipe.layouts if each.about != "the hub"]
    yield "data", "; ".join(filter(None, [", ".join(filter(None, [hub, configs])), *local]))
    if recipe.splits:
        yield "`split`", ", ".join(f"`{split}`" for split in recipe.splits)
    for split, counts in recipe.counts.items():
        label = f"questions of `{split}`" if len(recipe.counts) > 1 else "questions"
        below = ", ".join(f"`{path}` {number(n)}" for path, n in counts.items() if path != name)
        yield label, f"{number(counts[name])}" + (f": {below}" if below else "")
    types = " or ".join(filter(None, [recipe.answer, recipe.open_answer]))
    yield "answer", types
    yield "wording", wording(name, recipe)
    official = rule(recipe.official)
    if recipe.open_answer:
        official += f"; without options {rule(recipe.open_official)}"
    for path, word in recipe.official_below.items():
        official += f"; below `{path}` {rule(word)}"
    yield "official rule", official
    yield "score", "mean over dimensions" if recipe.average == "macro" else "mean over questions"
    yield "licence", recipe.licence
    yield "source", recipe.source
    yield "from memory", "; ".join(recipe.memory)


def questions(name: str, recipe: Recipe) -> str:
    """How many of its default split were published, as far as that is known."""
    counts = next(iter(recipe.counts.values()), {})
    return number(counts[name]) if counts else "not declared"


def section(name: str, recipe: Recipe) -> str:
    """What a reader has to know of one recipe."""
    rows = "\n".join(f"| {label} | {text} |" for label, text in facts(name, recipe))
    notes = "".join(f"\n* {note}" for note in recipe.notes)
    about = f"{recipe.title}: {recipe.about}. {recipe.paper}."
    return f"## {name}\n\n{about}\n\n| | |\n|---|---|\n{rows}\n" + (f"{notes}\n" if notes else "")


def page() -> str:
    """The whole page."""
    recipes = {name: read_recipe(name) for name in RECIPES}
    table = "| recipe | questions | answer | official rule |\n|---|---|---|---|\n" + "".join(
        f"| [`{name}`](#{name}) | {questions(name, recipe)} "
        f"| {' or '.join(filter(None, [recipe.answer, recipe.open_answer]))} "
        f"| `{recipe.official}` |\n"
        for name, recipe in recipes.items()
    )
    sections = [section(name, recipe) for name, recipe in recipes.items()]
    return "\n".join([HEAD, table, *sections])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
