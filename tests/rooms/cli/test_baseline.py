import tomllib
from typing import Any

import pytest
from saved_runs import saved

from pytest_mmbench.results import baselines, run_file

FOLDER = "mm_baselines"


def test_the_latest_run_is_kept(project: Any) -> None:
    """Under its name, as a file that is read as a run."""
    run = saved(name="acme-2.3")
    project.ran(run)

    assert project("baseline", "save", "2.3") == 0
    assert run_file.read(project.path / FOLDER / "2.3.json") == run
    # A run that never started leaves an older one to be kept.
    assert project.lines == [
        f"wrote {FOLDER}/2.3.json: acme-2.3, shapes 54",
        f"the run was made {run.created}",
    ]


def test_another_run_is_kept_on_request(project: Any) -> None:
    """`--run` names any file."""
    run_file.write(saved(name="other"), project.path / "run.json")

    assert project("baseline", "save", "nightly", "--run", "run.json") == 0
    assert run_file.read(project.path / FOLDER / "nightly.json").model == "other"
    assert project.err == ""


def test_a_part_is_kept_with_a_word(project: Any) -> None:
    """Later runs are compared with all that they ask: a baseline of one axis serves few."""
    project.ran(saved(leaves=["shapes.math.digits"]))

    assert project("baseline", "save", "part") == 0
    assert project.err == (
        "mmbench: the run holds 3 of the 54 samples of shapes: it serves only runs of no more\n"
    )


def test_it_lies_at_the_rootdir(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever in the project it is typed: that is where pytest looks."""
    project.settings()
    project.ran(saved())
    below = project.path / "src"
    below.mkdir()
    monkeypatch.chdir(below)

    assert project("baseline", "save", "2.3") == 0
    assert (project.path / FOLDER / "2.3.json").is_file()


def test_nothing_is_overwritten_unasked(project: Any) -> None:
    """`--force` says that it is meant."""
    project.ran(saved(name="new"))
    project.baseline("released", saved(name="old"))

    assert project("baseline", "save", "released") == 4
    assert project.err.splitlines() == [
        "mmbench: there is a baseline 'released' already.",
        "  what to do   choose another name, or add --force",
    ]
    assert project("baseline", "save", "released", "--force") == 0
    assert run_file.read(project.path / FOLDER / "released.json").model == "new"


@pytest.mark.parametrize("name", ["a/b", "../x", ".hidden", "", "a b", "-x"])
def test_a_name_is_no_path(project: Any, name: str) -> None:
    """Nothing is written outside the folder, and nothing that a shell would stumble over."""
    project.ran(saved())

    assert project("baseline", "save", "--", name) == 4
    assert "cannot be the name of a baseline" in project.err
    assert list(project.path.rglob("*.json")) == [project.path / ".mmbench" / run_file.LAST]


# Pins.


def test_a_pinned_one_is_never_overwritten(project: Any) -> None:
    """Not even by force."""
    project.ran(saved(name="new"))
    path = project.baseline("released", saved(name="old"))

    assert project("baseline", "pin", "released") == 0
    assert project("baseline", "save", "released", "--force") == 4
    assert project.err.splitlines() == [
        "mmbench: the baseline 'released' is pinned.",
        f"  pinned in    {FOLDER}/{baselines.CHECKSUM_FILE}",
        "  what to do   choose another name, or take its line out there",
    ]
    assert run_file.read(path).model == "old"


def test_a_pinned_one_that_changed_is_refused(project: Any) -> None:
    """By every command that compares with it."""
    path = project.baseline("released", saved(name="old"))
    project.ran(saved(name="new", wrong=["digits-0000"]))
    project.settings()
    project("baseline", "pin", "released")
    run_file.write(saved(name="changed"), path)

    for typed in (["diff", "released"], ["report", "--baseline", "released"]):
        assert project(*typed) == 4
        assert "is pinned, and has changed since" in project.err
    assert project("baseline", "promote", "released") == 4
    assert project("baseline", "pin", "released") == 4


def test_what_is_not_there_cannot_be_pinned(project: Any) -> None:
    """With the nearest name that is."""
    project.baseline("released", saved())

    assert project("baseline", "pin", "relased") == 4
    assert project.err.splitlines()[0] == "mmbench: there is no baseline 'relased'."
    assert "'released'?" in project.err


# Promoting.


def test_a_bare_run_compares_with_the_promoted_one(project: Any) -> None:
    """The settings name it, and their comments and order stay."""
    text = "# The gate.\n\n[benchmarks.shapes]\nper-axis = 3   # few\n"
    project.file("mmbench.toml", text)
    project.baseline("released", saved())

    assert project("baseline", "promote", "released") == 0
    assert project.text("mmbench.toml") == text.replace(
        "[benchmarks", 'baseline = "released"\n\n[benchmarks'
    )
    message = "`pytest --mm-model=PATH` compares with released (old) now"
    assert project.lines == [f"mmbench.toml: {message}"]
    assert "mmbench baseline pin released" in project.err


def test_the_next_one_takes_its_place(project: Any) -> None:
    """The line is changed where it stands."""
    project.file("mmbench.toml", 'strict = true\nbaseline = "1.0"   # the last release\n')
    project.baseline("2.0", saved())
    project("baseline", "pin", "2.0")

    assert project("baseline", "promote", "2.0") == 0
    assert project.text("mmbench.toml") == 'strict = true\nbaseline = "2.0"   # the last release\n'
    assert project.err == ""


def test_without_settings_a_file_is_made(project: Any) -> None:
    """With the one line."""
    project.baseline("released", saved())

    assert project("baseline", "promote", "released") == 0
    assert tomllib.loads(project.text("mmbench.toml")) == {"baseline": "released"}


def test_settings_in_pyproject_are_changed_there(project: Any) -> None:
    """A second file would hide them."""
    project.file("pyproject.toml", '[project]\nname = "x"\n\n[tool.mmbench]\nstrict = true\n')
    project.baseline("released", saved())

    assert project("baseline", "promote", "released") == 0
    assert not (project.path / "mmbench.toml").exists()
    table = tomllib.loads(project.text("pyproject.toml"))
    assert table["tool"]["mmbench"] == {"baseline": "released", "strict": True}


def test_only_a_baseline_is_promoted(project: Any) -> None:
    """A name that is none would make every bare run end."""
    project.settings()
    before = project.text("mmbench.toml")

    assert project("baseline", "promote", "released") == 4
    assert project.text("mmbench.toml") == before
    assert "`mmbench baseline save NAME` keeps the latest run" in project.err


# The list.


def test_the_list_says_what_they_are(project: Any) -> None:
    """Model, fingerprint, moment, samples, score, and what is special about each."""
    project.settings('baseline = "b"\n')
    axis = saved(name="part", leaves=["shapes.math.digits"])
    old, part = saved(wrong=["digits-0000"], per_axis=10), project.baseline("part", axis)
    project.baseline("b", old)
    project("baseline", "pin", "b")

    assert project("baseline", "list") == 0

    assert [line.split() for line in project.lines] == [
        ["model", "fingerprint", "made", "asked", "score"],
        [
            *("b", "old", old.fingerprint[:12], old.created, "shapes", "180", "0.994"),
            *("pinned,", "the", "default"),
        ],
        ["part", "part", axis.fingerprint[:12], axis.created, "shapes", "3"],
    ]
    assert part.is_file()


def test_one_that_cannot_be_read_does_not_hide_the_others(project: Any) -> None:
    """It is listed with what is wrong, and the exit code says so."""
    project.baseline("good", saved())
    project.baseline("pinned", saved())
    project("baseline", "pin", "pinned")
    run_file.write(saved(name="changed"), project.path / FOLDER / "pinned.json")
    project.file(f"{FOLDER}/bad.json", "{}")

    assert project("baseline") == 4
    assert any(line.split()[:2] == ["good", "old"] for line in project.lines)
    assert any(line.endswith("bad.json is not a saved run.") for line in project.lines)
    assert any(line.endswith("is pinned, and has changed since.") for line in project.lines)


def test_no_baselines_is_no_error(project: Any) -> None:
    """It says where they would lie."""
    assert project("baseline", "list") == 0
    assert project.lines == [f"no baselines in {project.path / FOLDER}"]


def test_settings_may_be_named_before_and_behind(project: Any) -> None:
    """`--config` means the same at both places of a nested subcommand."""
    project.file("other.toml", 'baseline = "b"\n')
    project.baseline("b", saved())

    for typed in (["--config", "other.toml", "list"], ["list", "--config", "other.toml"]):
        assert project("baseline", *typed) == 0
        assert project.lines[1].endswith("the default")


@pytest.mark.parametrize("decision", ["do not ship", "undecided"])
def test_a_run_that_is_no_release_is_kept_by_force(project: Any, decision: str) -> None:
    """Without it nothing is written; with it the file says what was decided, and so do we."""
    project.ran(saved(name="acme-2.3", decision=decision))

    assert project("baseline", "save", "2.3") == 4
    assert project.err.splitlines()[0] == (
        f"mmbench: the run of acme-2.3 is no release: {decision.upper()}."
    )
    assert not (project.path / FOLDER).exists()
    assert project("baseline", "save", "2.3", "--force") == 0
    assert run_file.read(project.path / FOLDER / "2.3.json").decision == decision
    assert project.err == (
        f"mmbench: the run of acme-2.3 is no release: {decision.upper()}; taken by --force\n"
    )


@pytest.mark.parametrize("text", ["", 'baseline = "2.2"   # ours\n'])
def test_what_is_no_release_is_promoted_by_force(project: Any, text: str) -> None:
    """The line of the settings says so, behind its own comment."""
    project.settings(text)
    project.baseline("2.3", saved(decision="undecided"))
    before = project.text("mmbench.toml")

    assert project("baseline", "promote", "2.3") == 4
    assert project.text("mmbench.toml") == before
    assert project("baseline", "promote", "2.3", "--force") == 0
    (line,) = [one for one in project.text("mmbench.toml").splitlines() if "2.3" in one]
    assert line.endswith("by --force, of a run that was UNDECIDED")
    assert ("# ours; by" in line) is bool(text)
    assert tomllib.loads(project.text("mmbench.toml"))["baseline"] == "2.3"


@pytest.mark.parametrize("decision", ["", "ship", "nothing gated"])
def test_other_runs_are_kept_without_force(project: Any, decision: str) -> None:
    """One that passed, one without a gate; and one of an earlier version, with a note."""
    project.ran(saved(decision=decision))

    assert project("baseline", "save", "2.3") == 0
    assert ("is not known" in project.err) is (decision == "")
