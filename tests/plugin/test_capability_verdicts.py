"""What becomes of a case: passed, failed, warned of, errored."""

from typing import Any

import pytest

MODEL = "--mm-model=scripted:first"
CASE = "mmbench/test_capability.py::test_capability"


def test_a_failed_gate(project: Any) -> None:
    """Exit code 1, and of the failed case one sentence without a traceback."""
    project.settings(shapes__math="0.9")
    model = project.model(project.wrong("shapes.math.addition"))

    result = project.run(model)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(failed=1, passed=24)
    result.stdout.fnmatch_lines(
        [
            "*_ test_capability[[]shapes.math[]] _*",
            "shapes.math 0.667 (4/6, * is below 0.90: 6 required;*",
            "*= mmbench =*",
            "shapes * 34/36 *not gated",
            "  math * 4/6 * 0.90* fail",
            "    addition * 0/2 * not gated",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert "hooks.py" not in result.stdout.str()


def test_a_passed_gate(project: Any) -> None:
    """Exit code 0, nothing said beyond the tree."""
    project.settings(shapes="1.0")

    result = project.run(project.model(), "-W", "error")

    assert result.ret == 0
    result.assert_outcomes(passed=25)
    result.stdout.fnmatch_lines(["shapes * 36/36 * 1.00* pass"])


def test_only_selected_dimensions_are_shown(project: Any) -> None:
    """The tree shows what was judged, under whole names where the parent is missing."""
    result = project.run(MODEL, "-k", "addition or shapes.math", "--deselect", f"{CASE}[shapes]")

    result.stdout.fnmatch_lines(["shapes.math *", "  digits *", "  addition *", "  comparison *"])
    result.stdout.no_fnmatch_line("shapes  *")


def one_wrong(project: Any) -> dict[str, str]:
    """An answer that misses one of the six samples of `shapes.math`."""
    return dict([*project.wrong("shapes.math").items()][:1])


THREE_WAY = '{ at_least = 0.9, rule = "three-way" }'


def test_an_inconclusive_gate_warns(project: Any) -> None:
    """Too few samples to say: the case passes with a warning of our own category."""
    project.settings(shapes__math=THREE_WAY)
    model = project.model(one_wrong(project))

    result = project.run(model, "-k", "shapes.math")

    assert result.ret == 0
    result.assert_outcomes(passed=4, deselected=21, warnings=1)
    result.stdout.fnmatch_lines(["*MMBenchWarning: shapes.math * but not significantly*"])


def test_an_inconclusive_gate_fails_where_warnings_do(project: Any) -> None:
    """`-W error` makes it fail with the same sentence."""
    project.settings(shapes__math=THREE_WAY)
    model = project.model(one_wrong(project))

    result = project.run(model, "-k", "shapes.math", "-W", "error")

    result.assert_outcomes(failed=1, passed=3, deselected=21)
    assert "Traceback" not in result.stdout.str()


def test_an_inconclusive_gate_fails_a_strict_run(project: Any) -> None:
    """`--mm-strict` ships only what is shown to be good."""
    nodes = project.shapes.dimensions()
    every = {node.path.replace(".", "__").replace("-", "_"): "0" for node in nodes}
    project.settings(**every | {"shapes__math": THREE_WAY})
    model = project.model(one_wrong(project))

    result = project.run(model, "--mm-strict")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(failed=1, passed=24)


def test_a_strict_run_needs_thresholds(project: Any) -> None:
    """Under `--mm-strict` a dimension without a threshold is a usage error."""
    project.settings(shapes="0.5")

    result = project.run(MODEL, "--mm-strict")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "ERROR: mmbench: 24 of 25 dimensions have no threshold.",
            "  asked for by   --mm-strict",
            "  without one    shapes.coarse-perception, * and 21 more",
            "  what to do     set them in [[]thresholds[]] of mmbench.toml",
        ]
    )


def test_three_way_gates_of_one_depth_are_a_family(project: Any) -> None:
    """Holm's procedure counts the selected three-way dimensions of the same depth."""
    project.settings(shapes=THREE_WAY, shapes__math=THREE_WAY, shapes__logical_reasoning=THREE_WAY)
    model = project.model(project.wrong("shapes"))

    both = project.run(model)
    one = project.run(model, "-k", "shapes.math")

    both.stdout.fnmatch_lines(["shapes.math 0.000 * after Holm, 2 tests)*"])
    one.stdout.no_fnmatch_line("*after Holm*")
    both.assert_outcomes(failed=3, passed=22)


def test_a_run_that_gates_nothing_says_so_once(project: Any) -> None:
    """Without any threshold a single warning tells that no case can fail."""
    result = project.run(MODEL)

    result.assert_outcomes(passed=25, warnings=1)
    result.stdout.fnmatch_lines(["*no selected dimension has a threshold: this run gates nothing."])


def test_a_selection_that_gates_nothing_says_so(project: Any) -> None:
    """It counts what is selected, not what is configured; what is left out is a second warning."""
    project.settings(shapes__math="0.0")

    project.run(MODEL).assert_outcomes(passed=25)
    project.run(MODEL, "-k", "counting").assert_outcomes(passed=1, deselected=24, warnings=2)


def test_unreadable_answers_are_an_error(project: Any) -> None:
    """A dimension that cannot be read is not a bad one: its case errors, with examples."""
    project.settings(shapes__math__addition="0.5")
    model = project.model(
        dict.fromkeys(project.ids("shapes.math.addition"), "I would rather not say")
    )

    result = project.run(model, "--mm-method=generate", "-k", "addition")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(errors=1, deselected=24, warnings=0)
    result.stdout.fnmatch_lines(
        [
            "*_ ERROR at setup of test_capability[[]shapes.math.addition[]] _*",
            "shapes.math.addition cannot be judged: 2 of 2 answers are unparseable*",
            "  addition-0000   'I would rather not say'",
            "  addition-0001   'I would rather not say'",
        ]
    )


def test_unreadable_answers_without_a_threshold_are_a_warning(project: Any) -> None:
    """Where nothing is gated, nothing fails: but it is said, as is the gate that was left out."""
    project.settings(shapes__math="0.0")
    model = project.model(dict.fromkeys(project.ids("shapes.math.addition"), "no idea"))

    result = project.run(model, "--mm-method=generate", "-k", "addition")

    result.assert_outcomes(passed=1, deselected=24, warnings=3)
    result.stdout.fnmatch_lines(["*shapes.math.addition cannot be judged: 2 of 2 answers are*"])


BROKEN = """
import pytest
from pytest_mmbench.models.scripted import ScriptedModel

class Broken(ScriptedModel):
    def rank(self, requests):
        return super().rank(requests)[1:]

@pytest.fixture(scope="session")
def mm_model():
    return Broken({})
"""


def test_a_model_that_breaks_its_contract_is_an_error(project: Any) -> None:
    """Too few answers are the model's fault, not a low score: the case errors."""
    project.file("conftest.py", BROKEN)

    result = project.run("--mm-model=mine", "-k", "addition")

    result.assert_outcomes(errors=1, deselected=24)
    assert "Traceback" not in result.stdout.str()
    result.stdout.fnmatch_lines(["mmbench: model 'scripted' gave 1 answer* to 2 *"])


UNREADABLE = """
import pytest_mmbench.benchmarks.shapes as shapes
from pytest_mmbench.records import Picture

def pytest_collection_finish():
    whole = shapes._picture
    def broken(name, record):
        def read():
            raise OSError("the disk is gone")
        return Picture(name=name, read=read) if "addition" in name else whole(name, record)
    shapes._picture = broken
"""


def test_a_picture_that_cannot_be_read_is_an_error(project: Any) -> None:
    """Cases that need the picture error; the others are judged."""
    project.file("conftest.py", UNREADABLE)

    result = project.run_apart(MODEL, "-k", "shapes.math")

    result.assert_outcomes(errors=2, passed=2, deselected=21)
    result.stdout.fnmatch_lines(["*the disk is gone*"])
    assert "Traceback" not in result.stdout.str()
