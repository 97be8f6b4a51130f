"""`--snapshot-update`: answers are accepted into files of the project, whichever cases run."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("syrupy")
CASE = "mmbench/test_snapshot.py::test_snapshot"
ADDITION = f"{CASE}[shapes.math.addition]"
PLAIN = ("-p", "syrupy", "-W", "error")
UPDATE = (*PLAIN, "--snapshot-update")
OWN = """
def test_own(snapshot):
    assert snapshot == {own}
"""

Run = Callable[..., pytest.RunResult]


@pytest.fixture(params=["one process", pytest.param("two workers", marks=pytest.mark.slow)])
def run(request: pytest.FixtureRequest, project: Any) -> Iterator[Run]:
    """Runs pytest in this process or, which is slow as three more have to start, in workers."""
    if request.param == "one process":
        yield project.run
        return
    pytest.importorskip("xdist")
    yield lambda *args: project.run_apart(*args, "-p", "xdist", "-n2")


def files(project: Any) -> dict[str, bytes]:
    """The accepted answers, by the name of their file."""
    found = sorted((project.path / "mm_snapshots").rglob("*"))
    return {
        str(path.relative_to(project.path)): path.read_bytes() for path in found if path.is_file()
    }


def file(project: Any, leaf: str = "shapes.math.addition") -> Path:
    path: Path = project.path / "mm_snapshots" / "shapes" / f"{leaf}.json"
    return path


def answers(project: Any, leaf: str = "shapes.math.addition") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file(project, leaf).read_text(encoding="utf-8"))["answers"]
    return found


def test_one_file_is_written_for_every_leaf(project: Any, run: Run) -> None:
    """The first update makes the folder; what is in it then passes, and another changes nothing."""
    model = project.model()

    first = run(model, *UPDATE)
    written = files(project)
    again = run(model, *UPDATE)
    plain = run(model, *PLAIN)

    first.assert_outcomes(passed=43)
    first.stdout.fnmatch_lines(["18 snapshots generated."])
    leaves = project.shapes.dimensions()[0].leaves
    assert list(written) == sorted(f"mm_snapshots/shapes/{leaf}.json" for leaf in leaves)
    again.stdout.fnmatch_lines(["18 snapshots passed."])
    assert files(project) == written
    plain.stdout.fnmatch_lines(["snapshot: 0 of 18 leaves changed"])
    assert (first.ret, again.ret, plain.ret) == (0, 0, 0)


def test_what_failed_is_accepted(project: Any, run: Run) -> None:
    """A changed answer fails until it is accepted; only its line changes."""
    run(project.model(), *UPDATE)
    before = files(project)
    sample = project.ids("shapes.math.addition")[0]
    model = project.model({sample: project.wrong("shapes.math.addition")[sample]})

    failed = run(model, *PLAIN)
    accepted = run(model, *UPDATE)
    passed = run(model, *PLAIN)

    assert (failed.ret, accepted.ret, passed.ret) == (1, 0, 0)
    failed.assert_outcomes(passed=42, failed=1)
    accepted.stdout.fnmatch_lines(
        [
            "shapes.math.addition: 2 answers accepted, 1 of them changed",
            "17 snapshots passed. 1 snapshot updated.",
        ]
    )
    after = files(project)
    (changed,) = [name for name in after if after[name] != before[name]]
    old, new = before[changed].splitlines(), after[changed].splitlines()
    assert [line for line in new if line not in old] == [
        f'    "{sample}": {{"answer": "A", "correctness": "incorrect"}},'.encode()
    ]


def test_a_limited_update_keeps_the_other_answers(project: Any, run: Run) -> None:
    """Only what was asked is compared and replaced; nothing is thrown away, nothing unused."""
    run(project.model(), *UPDATE)
    first, second = project.ids("shapes.math.addition")
    model = project.model(project.wrong("shapes.math"))

    failed = run(model, *PLAIN, "--mm-limit=18", "-k", "addition")
    run(model, *UPDATE, "--mm-limit=18")

    failed.stdout.fnmatch_lines(["shapes.math.addition changed 1 of 1 answer in the snapshot: *"])
    assert "unused." not in failed.stdout.str()
    marks = {sample: answer["correctness"] for sample, answer in answers(project).items()}
    assert set(marks) == {first, second}
    assert sorted(marks.values()) == ["correct", "incorrect"]


@pytest.mark.parametrize(
    "selection",
    [
        (ADDITION,),
        ("-k", "addition"),
        ("-k", "not (test_snapshot and digits) and test_snapshot"),
        ("--deselect", ADDITION),
        ("--mm-limit=1",),
    ],
)
def test_what_is_not_selected_is_neither_unused_nor_deleted(
    project: Any, selection: tuple[str, ...]
) -> None:
    """Files of leaves that a selection leaves out stay as they are, also under an update."""
    project.write(test_own="def test_own(): pass")
    model = project.model()
    project.run(model, *UPDATE)
    written = files(project)

    result = project.run(model, "-p", "syrupy", *selection)
    update = project.run(model, "-p", "syrupy", "--snapshot-update", *selection)

    for each in (result, update):
        assert "unused." not in each.stdout.str()
        assert each.ret == 0
    assert files(project) == written


@pytest.mark.parametrize("selection", [("-m", "not mmbench"), ("mmbench/test_capability.py",)])
def test_a_selection_without_a_gate_is_no_pass(project: Any, selection: tuple[str, ...]) -> None:
    """Where every gate that is set is left out, files stay as they are, and the exit code is 1."""
    project.write(test_own="def test_own(): pass")
    project.run(project.model(), *UPDATE)
    written = files(project)

    update = project.run(project.model(), "-p", "syrupy", "--snapshot-update", *selection)

    assert update.ret == pytest.ExitCode.TESTS_FAILED
    assert "unused." not in update.stdout.str()
    assert files(project) == written


def test_failed_cases_alone(project: Any) -> None:
    """`--lf` runs what failed, finds nothing unused, and accepts that alone."""
    project.run(project.model(), *UPDATE)
    model = project.model(project.wrong("shapes.math.addition"))
    project.run(model, *PLAIN)
    written = files(project)

    again = project.run(model, *PLAIN, "--lf")
    accepted = project.run(model, *UPDATE, "--lf")

    again.assert_outcomes(failed=1, deselected=42)
    assert "unused." not in again.stdout.str()
    accepted.assert_outcomes(passed=1, deselected=42)
    changed = {name for name, content in files(project).items() if content != written[name]}
    assert changed == {"mm_snapshots/shapes/shapes.math.addition.json"}


def test_what_was_not_reached_is_not_deleted(project: Any) -> None:
    """An update that ends at the first failure leaves the files of all later cases alone."""
    project.run(project.model(), *UPDATE)
    written = files(project)
    project.settings(shapes="1")
    model = project.model(project.wrong("shapes.math.addition"))

    result = project.run(model, *UPDATE, "-x")

    result.assert_outcomes(failed=1)
    assert files(project) == written


def test_the_file_of_a_leaf_that_is_gone_is_unused(project: Any, run: Run) -> None:
    """It fails the run as syrupy's own do, is not touched by a selection, and goes by an update."""
    model = project.model()
    run(model, *UPDATE)
    gone = file(project, "shapes.math.gone")
    gone.write_bytes(file(project).read_bytes())

    selected = run(model, *PLAIN, "-k", "test_snapshot and addition", "-W", "ignore")
    plain = run(model, *PLAIN)
    kept = gone.exists()
    update = run(model, *UPDATE)

    assert (selected.ret, plain.ret, update.ret) == (0, 1, 0)
    assert "unused." not in selected.stdout.str()
    plain.stdout.fnmatch_lines(["18 snapshots passed. 1 snapshot unused."])
    assert kept
    update.stdout.fnmatch_lines(["Deleted test_snapshot?shapes.math.gone? (mm_snapshots/shapes/*)"])
    assert len(files(project)) == 18
    assert not gone.exists()


def test_the_projects_own_snapshots_stay_its_own(project: Any, run: Run) -> None:
    """Both kinds are written, compared and found unused in one run, each in its own place."""
    project.write(test_own=OWN.format(own=1))
    model = project.model()

    run(model, *UPDATE)
    passed = run(model, *PLAIN)
    project.write(test_own="def test_own(snapshot): pass")
    unused = run(model, *PLAIN)
    update = run(model, *UPDATE)

    passed.stdout.fnmatch_lines(["19 snapshots passed."])
    unused.stdout.fnmatch_lines(["18 snapshots passed. 1 snapshot unused."])
    assert (passed.ret, unused.ret, update.ret) == (0, 1, 0)
    assert len(files(project)) == 18
    assert not (project.path / "__snapshots__" / "test_own.ambr").exists()


def test_only_what_is_new_is_accepted(project: Any) -> None:
    """`--snapshot-update-new-only` writes missing files, and compares with the others."""
    project.run(project.model(), *UPDATE)
    file(project, "shapes.math.digits").unlink()
    written = files(project)
    model = project.model(project.wrong("shapes.math"))

    missing = project.run(model, *PLAIN, "-k", "digits and test_snapshot")
    result = project.run(model, *PLAIN, "--snapshot-update-new-only", "-k", "test_snapshot")

    missing.stdout.fnmatch_lines(
        [
            "shapes.math.digits has no answer to 2 samples in the snapshot",
            "  accept them   add --snapshot-update",
        ]
    )
    failed = {line.split(" ")[1] for line in result.outlines if line.startswith("FAILED")}
    assert failed == {f"{CASE}[shapes.math.{leaf}]" for leaf in ("addition", "comparison")}
    result.stdout.fnmatch_lines(["snapshot: 1 file not written, as the run failed; --mm-force *"])
    assert files(project) == written
    project.run(model, *PLAIN, "--snapshot-update-new-only", "-k", "test_snapshot", "--mm-force")
    new = files(project)
    assert new.keys() - written.keys() == {"mm_snapshots/shapes/shapes.math.digits.json"}
    assert {name: new[name] for name in written} == written
    assert '"decision": "do not ship"' in file(project, "shapes.math.digits").read_text("utf-8")


def test_without_a_model_the_option_is_syrupys_alone(project: Any) -> None:
    """The project's own snapshots are updated, and no folder is made."""
    project.write(test_own=OWN.format(own=1))

    result = project.run(*UPDATE)

    result.assert_outcomes(passed=1)
    assert files(project) == {}


def test_another_run_accepts_nothing(project: Any) -> None:
    """What a run is about to accept waits for its own decision, whoever passes meanwhile."""
    project.run(project.model(), *UPDATE)
    written = files(project)
    kept = file(project, "shapes.math.digits")
    other = "import pathlib\n\ndef test_other_run():\n    path = pathlib.Path({!r})\n    {}\n"
    waits = 'path.with_name(path.name + ".pending").write_text("of a run that fails")'
    project.write(test_other=other.format(str(kept), waits))

    assert project.run(project.model(), *PLAIN).ret == 0

    assert {name: files(project)[name] for name in written} == written
