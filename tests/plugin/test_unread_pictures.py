"""Pictures that cannot be read when they are needed, and are left out: nobody may overlook it."""

import base64
import csv
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).parents[2] / "fixtures" / "published" / "mmstar"
QUIET = ("-W", "ignore:MMStar.tsv is not the published data")
ARGS = ("--mm-model=scripted:first", "--mm-bad-rows=skip", "-k", "math", *QUIET)
NOTE = "mmstar: 2 of 4 samples left out, as they cannot be asked (*: *gone.png*)"
SETTINGS = """
[benchmarks.mmstar]
data = "MMStar.tsv"
[gate]
unreadable = 0.5
[thresholds]
"mmstar.math" = 0.0
"""
STRICT = SETTINGS.replace("unreadable = 0.5", "")


def absent(_: str) -> str:
    """The path of a picture that is not there."""
    return "gone.png"


def cut(image: str) -> str:
    """The first half of a picture."""
    content = base64.b64decode(image)
    return base64.b64encode(content[: len(content) // 2]).decode()


def prepare(
    project: Any,
    *,
    broken: Sequence[int] = (0, 2),
    damage: Callable[[str], str] = absent,
    without_index: int = 0,
) -> None:
    """Data in which the pictures of some rows of mathematics, counted from 0, are damaged.

    So many of the first rows have no index and can be read as no samples.
    """
    csv.field_size_limit(sys.maxsize)
    with (FIXTURES / "MMStar.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    math = [row for row in rows if row["category"] == "math"]
    for at in broken:
        math[at]["image"] = damage(math[at]["image"])
    for row in rows[:without_index]:
        row["index"] = ""
    with (project.path / "MMStar.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    project.file("mmbench.toml", SETTINGS)


def test_they_are_counted(project: Any) -> None:
    """A warning says how many of how many, and of the first of them why and where it lies."""
    prepare(project)

    result = project.run(*ARGS)

    assert result.ret == 0
    result.assert_outcomes(passed=3, skipped=1, deselected=21, warnings=1)
    result.stdout.fnmatch_lines(
        [
            "*MMBenchWarning: mmstar.math: 2 of 4 samples left out, as they cannot be asked*",
            "mmstar.math * ?/2 * pass",
            NOTE,
        ]
    )
    assert "MMStar.tsv, row " in result.stdout.str()


def test_they_can_be_refused(project: Any) -> None:
    """`-W error` fails the run, and what could not be judged is no reason to ship."""
    prepare(project)

    result = project.run(*ARGS, "-W", "error", *QUIET, "--mm-markdown=report.md")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*mmstar.math: 2 of 4 samples left out*"])
    assert "SHIP" not in (project.path / "report.md").read_text(encoding="utf-8")


def test_every_report_counts_them(project: Any) -> None:
    """What a reader has to know before trusting the numbers."""
    prepare(project)

    project.run(*ARGS, "--mm-html=r.html", "--mm-json=r.json", "--mm-markdown=r.md")

    for name in ("r.html", "r.json", "r.md", ".mmbench/last-run.json"):
        said = (project.path / name).read_text(encoding="utf-8")
        assert "2 of 4 samples left out" in said or '"left_out":{"' in said, name
        assert "gone.png" in said, name
    notes = json.loads((project.path / "r.json").read_text(encoding="utf-8"))["notes"]
    assert [each for each in notes if each.startswith("mmstar: 2 of 4 samples left out")]


def test_a_later_run_counts_them_again(project: Any) -> None:
    """Also where everything else lies in the store."""
    prepare(project)
    project.run(*ARGS)

    result = project.run(*ARGS)

    result.assert_outcomes(passed=3, skipped=1, deselected=21, warnings=1)
    result.stdout.fnmatch_lines([NOTE])


@pytest.mark.slow
def test_workers_count_them_together(project: Any) -> None:
    """The note is of all processes, whichever of them met the pictures."""
    pytest.importorskip("xdist")
    prepare(project)

    result = project.run_apart(*ARGS, "-p", "xdist", "-n2")

    assert result.ret == 0
    result.stdout.fnmatch_lines(["*MMBenchWarning: mmstar.math*samples left out*", NOTE])


def test_a_run_judged_again_counts_them(project: Any) -> None:
    """A saved run still knows what its scores are not of."""
    prepare(project)
    project.run(*ARGS)

    # In this environment, whatever PATH finds first.
    command = (sys.executable, "-m", "pytest_mmbench.cli", "report", "--markdown=report.md")
    project.pytester.run(*command)

    said = (project.path / "report.md").read_text(encoding="utf-8")
    assert "mmstar: 2 of 4 samples left out" in said


def test_a_dimension_that_loses_all_is_skipped(project: Any) -> None:
    """With that reason; the others are judged."""
    prepare(project, broken=range(4))
    project.file("mmbench.toml", SETTINGS.replace('"mmstar.math"', '"mmstar"'))

    result = project.run(*(each for each in ARGS if each not in ("-k", "math")), "-rs")

    result.assert_outcomes(passed=21, skipped=4, warnings=1)
    result.stdout.fnmatch_lines(["SKIPPED * no picture of mmstar.math can be read (*gone.png*)"])


def test_a_gate_that_loses_all_fails(project: Any) -> None:
    """A skipped gate would look like a pass."""
    prepare(project, broken=range(4))

    result = project.run(*ARGS)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["mmstar.math has a threshold and cannot be asked: no picture of mmstar.math can be read*"]
    )


TRUNCATING = """
import pytest
from pytest_mmbench.images.decode import decode
from pytest_mmbench.models.scripted import ScriptedModel

class Looking(ScriptedModel):
    def generate(self, requests):
        self._look(requests)
        return super().generate(requests)

    def rank(self, requests):
        self._look(requests)
        return super().rank(requests)

    def _look(self, requests):
        for each in requests:
            for picture in each.prompt.pictures:
                decode(picture, sample=each.sample)

@pytest.fixture(scope="session")
def mm_model():
    return Looking({}, name="looking")
"""


def test_truncated_pictures_are_counted_too(project: Any) -> None:
    """They are found by the model, which decodes them, and not by whoever reads their bytes."""
    prepare(project, damage=cut)
    project.write(conftest=TRUNCATING)

    result = project.run(*ARGS)

    assert result.ret == 0
    result.assert_outcomes(passed=3, skipped=1, deselected=21, warnings=1)
    result.stdout.fnmatch_lines(["mmstar: 2 of 4 samples left out, as *truncated*)"])


def test_a_truncated_picture_is_told_with_its_place(project: Any) -> None:
    """Where bad rows are errors, whoever mends the data finds the row; so does the note."""
    prepare(project, damage=cut)
    project.write(conftest=TRUNCATING)

    ended = project.run(*(each for each in ARGS if each != "--mm-bad-rows=skip"))
    counted = project.run(*ARGS)

    assert ended.ret == pytest.ExitCode.TESTS_FAILED
    ended.stdout.fnmatch_lines(["*file *MMStar.tsv", "*row * (counted from 0)", "*field *image"])
    counted.stdout.fnmatch_lines(["mmstar: 2 of 4 samples left out, as *; MMStar.tsv, row 16)"])


WHOLE = STRICT.replace('"mmstar.math"', '"mmstar"')
ALL = tuple(each for each in ARGS if each not in ("-k", "math"))


@pytest.mark.parametrize(("broken", "release"), [(1, "SHIP"), (2, "UNDECIDED"), (3, "UNDECIDED")])
def test_a_score_of_what_is_left_is_of_a_part(project: Any, broken: int, release: str) -> None:
    """One picture of 20 is as many as answers may be unparseable; with more nothing is decided."""
    prepare(project, broken=range(broken))
    project.file("mmbench.toml", WHOLE)

    result = project.run(*ALL, "--mm-json=r.json")

    assert result.ret == 0
    result.stdout.fnmatch_lines([f"{release}: 1 of 1 gate passed"])
    decision = json.loads((project.path / "r.json").read_text(encoding="utf-8"))["decision"]
    told = f"{broken} of 20 samples of mmstar left out: cannot be read"
    assert (told in str(decision["reasons"])) is (release == "UNDECIDED")


def test_only_gated_dimensions_are_parts(project: Any) -> None:
    """What no gate rests on may lack as much as it likes; what one rests on may not."""
    prepare(project, broken=[0])
    project.file("mmbench.toml", WHOLE)
    other = project.run(*ALL)
    project.file("mmbench.toml", STRICT)
    own = project.run(*ALL)

    other.stdout.fnmatch_lines(["SHIP: 1 of 1 gate passed"])
    own.stdout.fnmatch_lines(["*1 of 4 samples of mmstar.math left out: cannot be read*"])


@pytest.mark.slow
def test_workers_know_a_part(project: Any) -> None:
    """Only they have met the pictures; the process that decides has not."""
    pytest.importorskip("xdist")
    prepare(project)
    project.file("mmbench.toml", STRICT)

    result = project.run_apart(*ALL, "-p", "xdist", "-n2")

    result.stdout.fnmatch_lines(["UNDECIDED: 1 of 1 gate passed"])
    assert "2 of 4 samples of mmstar.math left out" in result.stdout.str()


def test_rows_that_are_skipped_make_a_part(project: Any) -> None:
    """They are no samples at all, so that no dimension misses them: the file's rows count."""
    for bad, release in ((1, "SHIP"), (16, "UNDECIDED")):
        prepare(project, broken=(), without_index=bad)
        project.file("mmbench.toml", WHOLE)

        result = project.run(*ALL, "--mm-markdown=report.md")

        result.stdout.fnmatch_lines([f"{release}: 1 of 1 gate passed"])
        note = f"MMStar.tsv: {bad} of 20 rows left out, as they cannot be read"
        assert note in result.outlines
        assert note in (project.path / "report.md").read_text(encoding="utf-8")
        told = f"{bad} of 20 rows of MMStar.tsv left out: cannot be read"
        assert (told in result.stdout.str()) is (bad > 1)


def test_no_address_in_memory_is_shown(project: Any) -> None:
    """What is no picture at all is told without what Python calls its bytes."""
    prepare(project, damage=lambda _: base64.b64encode(b"no picture" * 20).decode())
    project.write(conftest=TRUNCATING)

    result = project.run(*ARGS)

    assert "2 of 4 samples left out" in result.stdout.str()
    assert "object at 0x" not in result.stdout.str()
