from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks.shapes import Shapes


def settings(project: Any) -> None:
    project.file("mmbench.toml", "[benchmarks.shapes]\nseed = 5\nper-axis = 3\n")


def test_what_was_asked_is_told(project: Any) -> None:
    """One sample of the settings' own seed: its dimension, question, options and right letter."""
    settings(project)

    assert project("show", "shapes", "counting-0002") == 0

    lines = project.out.splitlines()
    sample = Shapes(seed=5).sample("counting-0002")
    assert lines[:2] == [sample.dimension, sample.question]
    assert lines[2:6] == [
        f"  {at}  {text}" for at, text in zip("ABCD", sample.options, strict=True)
    ]
    assert lines[6:] == [f"correct: {sample.target}"]


def test_pictures_are_written_on_request(project: Any) -> None:
    """`--pictures FOLDER` writes the encoded picture that the model is shown."""
    settings(project)

    assert project("show", "shapes", "dials-0000", "--pictures", "seen") == 0

    written = project.path / "seen" / "shapes" / "dials-0000.png"
    assert written.read_bytes() == Shapes(seed=5).sample("dials-0000").pictures[0].read()
    assert f"wrote {Path('seen/shapes/dials-0000.png')}" in project.out


def test_a_rotation_is_shown_as_it_was_asked(project: Any) -> None:
    """Cards of a circular run name `ID@N`, and the command on them works with any settings."""
    settings(project)

    assert project("show", "shapes", "counting-0002@1") == 0

    sample = Shapes(seed=5).sample("counting-0002")
    texts = [line[5:] for line in project.out.splitlines()[2:6]]
    assert sorted(texts) == sorted(sample.options)
    assert texts != list(sample.options)
    right = project.out.splitlines()[6].removeprefix("correct: ")
    assert texts["ABCD".index(right)] == sample.options["ABCD".index(sample.target)]


def test_an_unknown_sample_is_told(project: Any) -> None:
    """With the nearest id that there is."""
    settings(project)

    assert project("show", "shapes", "counting-02") == 4
    assert project.err.splitlines() == [
        "mmbench: shapes has no sample 'counting-02'.",
        "  did you mean   'counting-0002'?",
        "  known          54 samples, such as 'addition-0000'",
    ]


def test_pictures_go_into_a_folder(project: Any) -> None:
    """A file in the folder's place is a usage error, told in one line."""
    settings(project)
    project.file("file", "")

    assert project("show", "shapes", "dials-0000", "--pictures", "file") == 4
    assert project.err.count("\n") == 1
    assert "file" in project.err


def of_mmstar(project: Any, id: str, question: str) -> None:
    picture = b64encode(Shapes(seed=5).sample("dials-0000").pictures[0].read()).decode()
    row = (id, question, picture, "A", "coarse perception", "image scene and topic")
    heads = "index\tquestion\timage\tanswer\tcategory\tl2_category"
    project.file("MMStar.tsv", f"{heads}\n" + "\t".join(row) + "\n")
    project.file("mmbench.toml", '[benchmarks.mmstar]\ndata = "MMStar.tsv"\n')


@pytest.mark.filterwarnings("default")  # data of one sample are told of
def test_a_terminal_obeys_no_question(project: Any) -> None:
    """Escape sequences of a data file are shown, and not sent."""
    of_mmstar(project, "7", "Is it \x1b[31mred? A: a, B: b, C: c, D: d")

    assert project("show", "mmstar", "7") == 0
    assert "Is it ␛[31mred?" in project.out


@pytest.mark.filterwarnings("default")  # data of one sample are told of
def test_no_picture_is_written_outside_its_folder(project: Any) -> None:
    """Whatever an id of a data file says: it is part of the picture's name."""
    of_mmstar(project, "../../up", "What is it? A: a, B: b, C: c, D: d")

    assert project("show", "mmstar", "../../up", "--pictures", "in/it") == 0

    assert [path.as_posix() for path in Path().rglob("*.png")] == ["in/it/mmstar/up.png"]
