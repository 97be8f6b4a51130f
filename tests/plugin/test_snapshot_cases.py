"""`test_snapshot[...]`: the model beside the answers that were accepted of it."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("syrupy")
CASE = "mmbench/test_snapshot.py::test_snapshot"
ADDITION = "shapes.math.addition"
PLAIN = ("-p", "syrupy", "-W", "error")
UPDATE = (*PLAIN, "--snapshot-update")
ANSWERS = ("-k", "test_snapshot")

UNDECIDED = """
import json
from pathlib import Path
import pytest
from pytest_mmbench.records import LETTERS
from pytest_mmbench.records import Answer
from pytest_mmbench.records import OptionLogprob
from pytest_mmbench.models.scripted import ScriptedModel

class Undecided(ScriptedModel):
    def rank(self, requests):
        return [self.weigh(each) for each in requests]

    def weigh(self, request):
        letters = LETTERS[:len(request.options)]
        logs = [-1.0 + 0.0004 * (letter == self._scripted_text(request)) for letter in letters]
        return Answer(
            sample=request.sample,
            option_logprobs=tuple(OptionLogprob(logprob=log, tokens=1) for log in logs),
        )

@pytest.fixture(scope="session")
def mm_model():
    return Undecided(json.loads(Path("answers.json").read_text())["answers"], name="undecided")
"""


def file(project: Any, leaf: str = ADDITION) -> Path:
    path: Path = project.path / "mm_snapshots" / "shapes" / f"{leaf}.json"
    return path


@pytest.fixture
def accepted(project: Any) -> Any:
    """A project that has accepted a model which is always right."""
    project.run(project.model(), *UPDATE, *ANSWERS)
    return project


def changed(project: Any) -> str:
    """The option that names a model which adds wrongly."""
    option: str = project.model(project.wrong(ADDITION))
    return option


def test_there_is_a_case_for_every_leaf(accepted: Any) -> None:
    """Leaves alone have accepted answers: nodes above them repeat what their leaves say."""
    result = accepted.run(accepted.model(), *PLAIN, "--co", "-q")

    cases = [line for line in result.outlines if line.startswith(CASE)]
    assert cases == [f"{CASE}[{leaf}]" for leaf in accepted.shapes.dimensions()[0].leaves]


def test_there_is_none_before_answers_were_accepted(project: Any) -> None:
    """A project without the folder is not asked to have one."""
    result = project.run(project.model(), *PLAIN, "--co", "-q")

    assert not [line for line in result.outlines if line.startswith(CASE)]
    assert not (project.path / "mm_snapshots").exists()


def test_a_changed_answer_is_told(accepted: Any) -> None:
    """What it was and is, by what margin, where to look, and how to accept it."""
    first, second = accepted.ids(ADDITION)

    result = accepted.run(changed(accepted), *PLAIN, *ANSWERS)

    result.stdout.fnmatch_lines(
        [
            f"{ADDITION} changed 2 of 2 answers in the snapshot: 2 correct and now incorrect",
            f"  correct, now incorrect   {first}   ? (by 2.9 nats) -> ? (by 2.9 nats)",
            f"  correct, now incorrect   {second}   ? (by 2.9 nats) -> ? (by 2.9 nats)",
            f"  see one       mmbench show shapes {first}",
            "  see all       add --mm-html=FILE",
            "  accept them   add --snapshot-update",
            "*= mmbench =*",
            "snapshot: 1 of 18 leaves changed",
            f"{ADDITION} changed 2 of 2 answers in the snapshot: 2 correct and now incorrect",
            "1 snapshot failed. 17 snapshots passed.",
        ],
        consecutive=False,
    )
    result.assert_outcomes(passed=17, failed=1, deselected=25)
    assert result.ret == 1


def test_near_ties_pass_and_are_told(project: Any) -> None:
    """Answers that rounding decides are listed, in the summary and by -rP, and fail nothing."""
    project.file("conftest.py", UNDECIDED)
    project.run(project.model(), *UPDATE, *ANSWERS)

    result = project.run(changed(project), *PLAIN, *ANSWERS, "-rP")

    result.assert_outcomes(passed=18, deselected=25)
    result.stdout.fnmatch_lines(
        [
            f"{ADDITION} keeps 2 answers of the snapshot; 2 near ties not counted",
            "  near tie, not counted   addition-* ? (by 0.0004 nats) -> ? (by 0.0004 nats)",
        ]
    )
    result.stdout.fnmatch_lines(["snapshot: 1 of 18 leaves changed"])


def test_the_name_of_earlier_versions_is_understood(accepted: Any) -> None:
    """`-k test_answers` selects the cases, and says what they are called now."""
    result = accepted.run(accepted.model(), "-p", "syrupy", "-k", "test_answers and addition")

    result.assert_outcomes(passed=1, deselected=42, warnings=2)
    result.stdout.fnmatch_lines(["*MMBenchWarning: test_answers is now test_snapshot; *"])


def test_numbers_are_in_junit(accepted: Any) -> None:
    """What decided can be read by other programs."""
    accepted.run(changed(accepted), *PLAIN, "-k", "test_snapshot and addition", "--junit-xml=j.xml")

    text = (accepted.path / "j.xml").read_text(encoding="utf-8")
    assert f'<property name="mm_dimension" value="{ADDITION}"' in text
    assert '<property name="mm_regressed" value="2"' in text
    assert '<property name="mm_outcome" value="fail"' in text


def test_changes_are_in_the_report(accepted: Any) -> None:
    """The decision, each leaf, and each changed answer with its question."""
    accepted.run(changed(accepted), *PLAIN, *ANSWERS, "--mm-json=r.json")

    report = json.loads((accepted.path / "r.json").read_text(encoding="utf-8"))
    assert report["decision"]["release"] == "do not ship"
    assert (report["decision"]["gates"], report["decision"]["passed"]) == (18, 17)
    lost = {
        each["dimension"]: each["regressed"] for each in report["snapshots"] if each["regressed"]
    }
    assert lost == {ADDITION: 2}
    assert [each["sample"] for each in report["changed_answers"]] == accepted.ids(ADDITION)


def test_a_page_shows_changes(accepted: Any) -> None:
    """The report that opens in a browser has a part for accepted answers."""
    pytest.importorskip("jinja2")
    accepted.run(changed(accepted), *PLAIN, *ANSWERS, "--mm-html=r.html")

    assert "The answers of this run beside those of the snapshot" in (
        accepted.path / "r.html"
    ).read_text(encoding="utf-8")


def test_what_is_accepted_now_gates_nothing(accepted: Any) -> None:
    """A report of an update says so, and decides nothing by it."""
    accepted.run(changed(accepted), *UPDATE, *ANSWERS, "--mm-json=r.json")

    report = json.loads((accepted.path / "r.json").read_text(encoding="utf-8"))
    told = {each["dimension"]: each["explanation"] for each in report["snapshots"]}
    assert report["decision"]["release"] == "nothing gated"
    assert told[ADDITION] == f"{ADDITION}: 2 answers accepted, 2 of them changed"
    assert report["changed_answers"] == []


def test_snapshot_to_other_questions_are_not_compared(accepted: Any) -> None:
    """Other data are refused with the reason; an update takes them, but not a part of them."""
    settings = "[benchmarks.shapes]\nper-axis = 2\nseed = 5\n"
    accepted.file("mmbench.toml", settings)
    model = accepted.model()
    one = ("-k", "test_snapshot and addition")

    refused = accepted.run(model, *PLAIN, *one)
    part = accepted.run(model, *UPDATE, *one, "--mm-limit=18")
    whole = accepted.run(model, *UPDATE, *one, "-W", "ignore")

    refused.stdout.fnmatch_lines(
        [f"{ADDITION} cannot be compared: the snapshot answers shapes* and shapes* seed=5 *"]
    )
    part.stdout.fnmatch_lines(["*what to do*accept it without a limit"])
    whole.stdout.fnmatch_lines(["snapshot update: 0 of 1 leaves changed", "1 snapshot updated."])
    assert (refused.ret, part.ret, whole.ret) == (1, 1, 0)


def test_a_damaged_file_is_named(accepted: Any) -> None:
    """The error says which file and line; an update of all its answers replaces it."""
    text = file(accepted).read_text(encoding="utf-8")
    file(accepted).write_text(f"<<<<<<< ours\n{text}", encoding="utf-8")
    model = accepted.model()
    one = ("-k", "test_snapshot and addition")

    plain = accepted.run(model, *PLAIN, *one)
    part = accepted.run(model, *UPDATE, *one, "--mm-limit=18")
    damaged = file(accepted).read_text(encoding="utf-8")
    whole = accepted.run(model, *UPDATE, *one, "-W", "ignore")

    for each in (plain, part):
        each.stdout.fnmatch_lines(
            [
                f"*{ADDITION}.json does not hold a snapshot of {ADDITION}.",
                "*reason*line 1 column 1*",
                "*what to do*restore it, or replace it with --snapshot-update *",
            ]
        )
    assert damaged.startswith("<<<<<<<")
    assert (plain.ret, part.ret, whole.ret) == (1, 1, 0)
    assert file(accepted).read_text(encoding="utf-8") == text


def test_a_later_version_is_not_overwritten(accepted: Any) -> None:
    """What cannot be understood yet is left alone, also by an update."""
    text = file(accepted).read_text(encoding="utf-8").replace('"schema": 2', '"schema": 3')
    file(accepted).write_text(text, encoding="utf-8")

    result = accepted.run(accepted.model(), *UPDATE, "-k", "test_snapshot and addition")

    result.stdout.fnmatch_lines(["*was written by a later pytest-mmbench.", "*upgrade*"])
    assert file(accepted).read_text(encoding="utf-8") == text


def test_a_folder_that_nothing_is_compared_with_is_told(accepted: Any) -> None:
    """Without syrupy there are no such cases, which must not look like a pass."""
    result = accepted.run(accepted.model())
    strict = accepted.run(accepted.model(), "-W", "error")

    result.stdout.fnmatch_lines(["*the snapshot in * is not compared: syrupy is not *"])
    assert result.parseoutcomes()["passed"] == 25
    assert (result.ret, strict.ret) == (0, 4)


def test_a_claim_of_ones_own(accepted: Any) -> None:
    """A test that asks for `mm_snapshot` has every leaf, and what became of its answers."""
    accepted.write(
        test_own="""
            def test_calm(mm_snapshot):
                assert mm_snapshot.regressed <= 1
        """
    )

    result = accepted.run(changed(accepted), *PLAIN, "-k", "test_calm")
    idle = accepted.run()

    result.assert_outcomes(passed=17, failed=1, deselected=43)
    idle.assert_outcomes(skipped=1)


def test_a_claim_about_a_node_above_leaves(accepted: Any) -> None:
    """What has no file of its own is refused."""
    accepted.write(
        test_own="""
            import pytest

            @pytest.mark.parametrize("mm_dimension", ["shapes.math"])
            def test_math(mm_snapshot):
                pass
        """
    )

    result = accepted.run(accepted.model(), *PLAIN, "-k", "test_math")

    result.stdout.fnmatch_lines(["*snapshots are kept leaf by leaf, and shapes.math is none."])


def test_a_file_that_cannot_be_written_is_told(accepted: Any) -> None:
    """An update that did not happen does not pass."""
    file(accepted).unlink()
    file(accepted).mkdir()

    result = accepted.run(accepted.model(), *UPDATE, "-k", "test_snapshot and addition")

    result.stdout.fnmatch_lines([f"*{ADDITION}.json *", "*reason*irectory*"])
    assert result.ret == 1


def test_syrupy_is_loaded_only_to_compare(project: Any) -> None:
    """A run that names a model and compares no accepted answers does without it."""
    project.write(
        conftest="""
            import sys
            def pytest_unconfigure():
                print("LOADED", "syrupy" in sys.modules)
        """
    )

    result = project.run_apart(project.model())

    result.stdout.fnmatch_lines(["LOADED False"])


@pytest.mark.parametrize(
    ("table", "failed"),
    [
        ("", 1),
        ("[snapshots]\nallow = 0.4", 1),
        ("[snapshots]\nallow = 1", 0),
        ("[snapshots]\nallow = 0.5", 0),
        ('[snapshots.allow]\n"shapes.math" = 1\n"shapes.math.addition" = 0.4', 1),
        ('[snapshots.allow]\n"shapes.math.addition" = 1', 0),
        ("[snapshots]\ncount = 'regressed'", 1),
    ],
)
def test_a_dimension_may_allow_changes(accepted: Any, table: str, failed: int) -> None:
    """A number or a share of changed answers passes, and the sentence says what is allowed."""
    accepted.settings(table)
    first, _ = accepted.ids(ADDITION)
    model = accepted.model({first: accepted.wrong(ADDITION)[first]})

    result = accepted.run(model, *PLAIN, *ANSWERS)

    result.assert_outcomes(passed=18 - failed, failed=failed, deselected=25)
    if not failed:
        result.stdout.fnmatch_lines([f"{ADDITION} changed 1 of 2 answers *; 1 allowed"])


def test_a_whole_leaf_may_not_change(accepted: Any) -> None:
    """However many are allowed: two of two are everything."""
    accepted.settings("[snapshots]\nallow = 5")

    result = accepted.run(changed(accepted), *PLAIN, *ANSWERS)

    result.assert_outcomes(passed=17, failed=1, deselected=25)


def test_only_what_regressed_may_count(project: Any) -> None:
    """A model that has learned to add since is no failure where regressions are counted."""
    project.run(changed(project), *UPDATE, *ANSWERS)
    project.settings("[snapshots]\ncount = 'regressed'")

    result = project.run(project.model(), *PLAIN, *ANSWERS)

    result.assert_outcomes(passed=18, deselected=25)
    result.stdout.fnmatch_lines([f"{ADDITION} changed 2 of 2 *; 0 regressed, 0 allowed"])
