"""`--mm-calibrate`: a model's own noise is measured, and changes within it are not counted."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

MMSTAR = Path(__file__).parents[2] / "fixtures" / "published" / "mmstar" / "MMStar.tsv"

ROUNDING = """
    import random

    import pytest
    from pytest_mmbench.records import Answer
    from pytest_mmbench.records import OptionLogprob


    class Rounding:
        '''Its likelihoods depend a little on how many requests it is given at once.'''

        name, fingerprint, batch_size, dtype = "rounding", "rounding-1", 16, "float32"

        def rank(self, requests):
            return [self._answer(each, len(requests)) for each in requests]

        def _answer(self, request, size):
            true = random.Random(request.sample + request.prompt.turns[0].parts[1])
            noise = random.Random(f"{request.sample} {size}")
            logs = [true.gauss(0, 0.2) - 9 + noise.gauss(0, 0.02) for _ in request.options]
            found = tuple(OptionLogprob(logprob=log, tokens=1) for log in logs)
            return Answer(sample=request.sample, option_logprobs=found)

        def generate(self, requests):
            raise NotImplementedError


    @pytest.fixture(scope="session")
    def mm_model():
        return Rounding()


    @pytest.fixture(scope="session")
    def mm_baseline():
        return Rounding()
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test keeps the answers that all start with."""
    return tmp_path_factory.mktemp("noisy") / ".mmbench"


@pytest.fixture
def noisy(project: Any, answers: Path) -> Any:
    """A project of 720 samples, whose model was asked in batches of 16 before."""
    project.file("mmbench.toml", "[benchmarks.shapes]\nper-axis = 40\n")
    project.write(conftest=ROUNDING)
    if answers.exists():
        shutil.copytree(answers, project.path / ".mmbench")
    else:
        assert project.run("--mm-model=rounding").ret == 0
        shutil.copytree(project.path / ".mmbench", answers)
    return project


def again(project: Any, *args: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report of the model against itself, in batches of five."""
    itself = ("--mm-model=rounding", "--mm-baseline=rounding", "--mm-fresh", "--mm-batch-size=5")
    result = project.run(*itself, "-k", "test_regression", "--mm-json=report.json", *args)
    return result.ret, json.loads((project.path / "report.json").read_text(encoding="utf-8"))


def test_noise_is_listed_and_not_counted(noisy: Any) -> None:
    """A checkpoint against itself in other batches: exit code 0, near ties listed.

    The tolerance is that of the noise, of 0.02 nats in each of two answers: 8 sigma, or 0.16,
    within a fifth.
    """
    code, report = again(noisy, "--mm-calibrate")

    changed = report["regression"][0]
    assert code == 0
    assert all(each["near_tie"] for each in report["changed_answers"])
    assert changed["near_ties"] == len(report["changed_answers"]) > 10
    assert changed["regressed"] == changed["fixed"] == 0
    (note,) = [each for each in report["notes"] if each.startswith("near ties")]
    assert note.endswith("nats (measured)")
    assert float(note.split()[-3]) == pytest.approx(0.16, rel=0.2)


def test_noise_is_measured_wherever_models_are_compared(noisy: Any) -> None:
    """Without the option too, on fewer samples: 8 of 720, each in two sizes of a batch."""
    code, report = again(noisy)

    assert (code, report["regression"][0]["regressed"], report["regression"][0]["fixed"]) == (
        0,
        0,
        0,
    )
    (note,) = [each for each in report["notes"] if each.startswith("near ties")]
    assert note.endswith("nats (measured)")
    assert float(note.split()[-3]) == pytest.approx(0.16, rel=0.5)


def test_a_bound_for_the_number_format_can_be_asked_for(noisy: Any) -> None:
    """A model that is noisier than its dtype shows it: its flips are real ones then."""
    noisy.file(
        "mmbench.toml",
        '[benchmarks.shapes]\nper-axis = 40\n[regression]\ntolerance = "assumed"\n',
    )
    _, report = again(noisy)

    assert report["regression"][0]["regressed"] + report["regression"][0]["fixed"] > 0
    assert any("0.001 nats (assumed" in note for note in report["notes"])


def test_a_tolerance_of_ones_own_is_measured_against_nothing(noisy: Any) -> None:
    """The user's number holds, and the note says whose it is."""
    noisy.file(
        "mmbench.toml", "[benchmarks.shapes]\nper-axis = 40\n[regression]\ntolerance = 0.3\n"
    )
    _, report = again(noisy)

    assert "near ties are answers whose margins are at most 0.3 nats (given)" in report["notes"]
    assert report["regression"][0]["near_ties"] > 10


def test_what_was_measured_is_not_asked_again(project: Any) -> None:
    """Eight samples alone and in threes, of each model; a second run asks nothing."""
    project.file("mmbench.toml", "[benchmarks.shapes]\nper-axis = 40\n")
    ask = "    def rank(self, requests):\n"
    write = "        open('asked.txt', 'a').write(f'{len(requests)} ')\n"
    other = "    found = Rounding()\n        found.fingerprint = 'other'\n        return found\n"
    conftest = ROUNDING.replace(ask, f"{ask}    {write}")
    head, _, _ = conftest.rpartition("    return Rounding()")
    project.write(conftest=head + other)
    compare = ("--mm-model=new", "--mm-baseline=old", "-k", "test_regression")

    assert project.run(*compare).ret == 0
    asked = project.path / "asked.txt"
    sizes = [int(size) for size in asked.read_text().split()]
    assert project.run(*compare).ret == 0

    assert sorted(size for size in sizes if size < 16) == [1] * 16 + [2] * 2 + [3] * 4
    assert sum(sizes) == 2 * (720 + 8 + 8)
    assert asked.read_text().split() == [str(size) for size in sizes]


def test_the_tolerance_is_per_token_where_margins_are(project: Any) -> None:
    """`rank-mean` divides by ten tokens, and so does the noise that it is compared with."""
    project.file("mmbench.toml", '[benchmarks.shapes]\nper-axis = 40\nmethod = "rank-mean"\n')
    project.write(conftest=ROUNDING.replace("tokens=1", "tokens=10"))
    assert project.run("--mm-model=rounding").ret == 0

    _, report = again(project, "--mm-calibrate")

    (note,) = [each for each in report["notes"] if each.startswith("near ties")]
    assert float(note.split()[-3]) == pytest.approx(0.016, rel=0.2)


def test_each_benchmark_has_a_tolerance_of_its_own(project: Any) -> None:
    """Beside one that is ranked per token, another's noise is ten times as wide."""
    project.file(
        "mmbench.toml",
        '[benchmarks.shapes]\nper-axis = 40\nmethod = "rank-mean"\n'
        f'[benchmarks.mmstar]\ndata = "{MMSTAR}"\nmethod = "rank"\n',
    )
    project.write(conftest=ROUNDING.replace("tokens=1", "tokens=10"))
    quiet = ("-W", "ignore::pytest_mmbench.errors.MMBenchWarning")
    assert project.run("--mm-model=rounding", *quiet).ret == 0

    _, report = again(project, "--mm-calibrate", *quiet)

    kept = json.loads((project.path / ".mmbench" / "last-run.json").read_text("utf-8"))
    assert kept["tolerances"]["shapes"] == pytest.approx(0.016, rel=0.2)
    assert kept["tolerances"]["mmstar"] == pytest.approx(0.16, rel=0.3)
    (note,) = [each for each in report["notes"] if each.startswith("near ties")]
    assert note.endswith(" nats in mmstar (measured)")
    assert " nats in shapes, " in note
