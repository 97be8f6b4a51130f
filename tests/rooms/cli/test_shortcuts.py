import json
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import binom

from pytest_mmbench import registry
from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.conditions import condition
from pytest_mmbench.evaluation.inference.plan import request_key
from pytest_mmbench.evaluation.selection import BenchmarkSelection, Task
from pytest_mmbench.evaluation.store.sqlite import SqliteStore, inventory
from pytest_mmbench.records import Method
from pytest_mmbench.results import exclusions
from pytest_mmbench.results.exclusions import Exclusion
from pytest_mmbench.testing import script

MODELS = Path(__file__).parents[3] / "fixtures" / "models"
PUBLISHED = MODELS.with_name("published")
SHAPES = Shapes(seed=1, per_axis=4)
"""No two of its questions have the same words: without their pictures they would be one request."""


def settings(project: Any, text: str = "") -> None:
    project.file("mmbench.toml", f"{text}\n[benchmarks.shapes]\nseed = 1\nper-axis = 4\n")


def models(project: Any, *accuracies: float) -> list[str]:
    """Scripts of text models that are right so often."""
    specs = []
    for at, accuracy in enumerate(accuracies):
        answers = script(SHAPES, accuracy=accuracy, seed=at)
        project.file(f"llm-{at}.json", json.dumps({"answers": answers}))
        specs.append(f"scripted:llm-{at}.json")
    return specs


def right(accuracy: float, seed: int) -> set[str]:
    answers = script(SHAPES, accuracy=accuracy, seed=seed)
    return {id for id, letter in answers.items() if letter == SHAPES.sample(id).target}


def test_what_enough_models_know_is_listed(project: Any) -> None:
    """MMStar's rule, scaled: of three models, two have to know a sample."""
    settings(project)

    assert project("shortcuts", "--models", *models(project, 0.5, 0.5, 0.25)) == 0

    known = [right(0.5, 0), right(0.5, 1), right(0.25, 2)]
    ids = [id for leaf in SHAPES.dimensions()[0].leaves for id in SHAPES.ids(leaf)]
    expected = tuple(id for id in ids if sum(id in each for each in known) >= 2)
    (listing,) = exclusions.read(project.path / "shortcuts.json")
    assert listing == Exclusion(
        benchmark="shapes",
        revision=SHAPES.revision,
        rule="known to at least 2 of 3 text models"
        " (scripted:llm-0.json, scripted:llm-1.json, scripted:llm-2.json)",
        samples=expected,
    )
    assert expected
    assert project.lines[-1] == f"wrote shortcuts.json: {len(expected)} samples"


def test_how_many_chance_would_list_is_said(project: Any) -> None:
    """How many guessing would list, by the binomial tail; and that most of a list may be chance."""
    settings(project)

    project("shortcuts", "--models", *models(project, 0.5, 0.5, 0.25), "--min-models", "1")

    expected = 72 * float(binom.sf(0, 3, 0.25))
    assert project.lines[1].split()[1] == "72"
    assert float(project.lines[1].split()[3]) == pytest.approx(expected, abs=0.05)
    assert f"guessing alone would make it {expected:.0f}" in project.out
    assert "most of them may be chance: name more models, or raise --min-models" in project.lines


@pytest.mark.parametrize(("number", "least"), [(1, 1), (2, 1), (3, 2), (5, 2), (6, 3), (8, 3)])
def test_the_default_is_the_published_share(project: Any, number: int, least: int) -> None:
    """Three of eight, and no smaller share of fewer models."""
    settings(project)

    assert project("shortcuts", "--models", *models(project, *[0.5] * number)) == 0
    assert f"known to at least {least} of {number} text models" in project.out


def test_asking_again_costs_nothing(project: Any) -> None:
    """Answers lie in the store; the second call adds none."""
    settings(project)
    (spec,) = models(project, 0.5)
    project("shortcuts", "--models", spec)
    first = project.out

    assert inventory(project.path / ".mmbench").answers == 72
    assert project("shortcuts", "--models", spec) == 0
    assert inventory(project.path / ".mmbench").answers == 72
    assert project.out == first


@pytest.mark.filterwarnings("ignore::pytest_mmbench.errors.MMBenchWarning")
def test_solved_examples_come_first(project: Any) -> None:
    """Where a benchmark publishes some for text models, they stand before every question."""
    options = {"data": str(PUBLISHED / "mmstar" / "MMStar.tsv")}
    project.file("mmbench.toml", f"[benchmarks.mmstar]\ndata = '{options['data']}'\n")

    assert project("shortcuts", "--models", "scripted:first") == 0

    whole = registry.benchmark("mmstar", options)
    nodes = whole.dimensions()
    ids = {leaf: whole.ids(leaf) for leaf in nodes[0].leaves}
    selected = BenchmarkSelection(
        benchmark=whole, method=whole.methods()[0], dimensions=nodes, ids=ids
    )
    unseen = condition("no-image")
    few, none = (
        Task(selection=selected, applied=unseen, seed=0, few_shot=solved).request("17")
        for solved in (True, False)
    )
    with SqliteStore(project.path / ".mmbench") as store:
        model = registry.model("scripted:first").fingerprint
        keys = [request_key(request, (), by_sample=True) for request in (few, none)]
        kept = store.get(model, keys)
    assert list(kept) == keys[:1]
    assert len(few.prompt.turns) > len(none.prompt.turns)


@pytest.mark.slow  # transformers are loaded
@pytest.mark.torch
def test_a_text_model_is_asked_without_pictures(project: Any) -> None:
    """A checkpoint that takes no picture answers everything."""
    project.file("mmbench.toml", "[benchmarks.shapes]\nseed = 1\nper-axis = 1\n")

    assert project("shortcuts", "--models", str(MODELS / "tiny-llm")) == 0
    assert project.lines[1].split()[:2] == ["shapes", "18"]
    (listing,) = exclusions.read(project.path / "shortcuts.json")
    assert listing.rule == "known to at least 1 of 1 text models (tiny-llm)"


def test_lists_are_of_whole_benchmarks(project: Any) -> None:
    """Neither rotations nor a list that is in force change what is listed, or a strict gate."""
    (spec,) = models(project, 0.5)
    settings(project)
    project("shortcuts", "--models", spec)
    first = project.text("shortcuts.json")
    settings(project, 'circular = true\nstrict = true\nexclude = "shortcuts.json"\n')

    assert project("shortcuts", "--models", spec, "--out", "again.json") == 0
    assert project.text("again.json") == first


def test_a_list_can_be_left_out(project: Any) -> None:
    """What is written is what `exclude` reads."""
    settings(project)
    project("shortcuts", "--models", *models(project, 0.5))
    settings(project, 'exclude = "shortcuts.json"\n')

    assert project("dimensions") == 0
    assert project.lines[0].split() == ["shapes", "36"]


def test_benchmarks_are_named(project: Any) -> None:
    """`--benchmark` chooses; one that is not registered is told."""
    assert project("shortcuts", "--models", "scripted:first", "--benchmark", "shpes") == 4
    assert "did you mean   'shapes'?" in project.err
    assert project("shortcuts", "--models", "scripted:first", "--benchmark", "shapes") == 0
    assert project.lines[1].split()[:2] == ["shapes", "720"]


@pytest.mark.parametrize("number", ["0", "3"])
def test_an_impossible_rule_is_refused(project: Any, number: str) -> None:
    """More models than there are, or none."""
    typed = ["--models", "scripted:first", "scripted:b.json", "--min-models", number]

    assert project("shortcuts", *typed) == 4
    assert project.err.splitlines() == [
        f"mmbench: no sample can be known to {number} of 2 models.",
        f"  asked for by   --min-models={number}",
        "  what to do     ask for 1 to 2, or name more models",
    ]


@pytest.mark.filterwarnings("always::pytest_mmbench.errors.MMBenchWarning")
def test_the_old_name_of_min_models_still_works(project: Any) -> None:
    """`--least` does the same, and says what it is called now; nobody may type both."""
    settings(project)
    specs = models(project, 0.5, 0.5)
    project("shortcuts", "--models", *specs, "--min-models", "2")
    new = project.text("shortcuts.json")

    assert project("shortcuts", "--models", *specs, "--least", "2") == 0
    assert project.err == (
        "mmbench: warning: --least is now --min-models; the next release does not know the old"
        " name\n"
    )
    assert project.text("shortcuts.json") == new
    with pytest.raises(SystemExit):
        project("shortcuts", "--models", *specs, "--least", "2", "--min-models", "2")


def test_a_missing_model_is_told_before_any_is_asked(project: Any) -> None:
    """A typing error in the last name costs no time."""
    settings(project)

    assert project("shortcuts", "--models", "scripted:first", "./models/llm") == 4
    assert "there is no checkpoint folder" in project.err
    assert not (project.path / ".mmbench").exists()


def test_a_folder_is_no_list(project: Any) -> None:
    """It is told before any model is asked."""
    settings(project)

    assert project("shortcuts", "--models", "scripted:first", "--out", ".") == 4
    assert project.err.startswith("mmbench: --out names a folder.")
    assert not (project.path / ".mmbench").exists()


def test_the_method_is_that_of_the_settings(project: Any) -> None:
    """A sample that is known by its letters is asked by its letters."""
    settings(project, 'method = "rank-letter"\n')

    assert project("shortcuts", "--models", *models(project, 1.0)) == 0
    assert Method.RANK_LETTER in SHAPES.methods()
    assert project.lines[-1] == "wrote shortcuts.json: 72 samples"
