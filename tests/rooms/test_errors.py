from pytest_mmbench.errors import MMBenchError, near


def test_an_error_is_a_sentence_and_aligned_facts() -> None:
    """The problem comes first, then one labelled fact a line; empty facts are left out."""
    error = MMBenchError("no such thing.", asked_for_by="mmbench.toml", known="a, b", reason="")

    assert str(error).splitlines() == [
        "mmbench: no such thing.",
        "  asked for by   mmbench.toml",
        "  known          a, b",
    ]


def test_a_wrong_name_comes_with_the_nearest_and_all_valid_ones() -> None:
    """A typing error is answered with what was probably meant."""
    assert near("shpes", ["mmstar", "shapes"], label="registered") == {
        "did_you_mean": "'shapes'?",
        "registered": "mmstar, shapes",
    }


def test_a_file_is_not_near_by_its_suffix_alone() -> None:
    """`aa.csv` is not what somebody means who writes `question.csv`, and `questions.csv` is."""
    assert near("question.csv", ["aa.csv", "questions.csv"])["did_you_mean"] == "'questions.csv'?"
    assert "did_you_mean" not in near("question.csv", ["aa.csv"])


def test_nothing_near_is_not_invented() -> None:
    """A name that resembles nothing gets the list alone."""
    assert near("zzz", ["mmstar"]) == {"known": "mmstar"}
    assert near("zzz", []) == {"known": "none"}


def test_the_end_of_a_dotted_path_is_enough() -> None:
    """Whoever leaves out the middle of a dimension's path meant the one with the same end."""
    known = ["shapes.math", "shapes.fine-grained-perception.counting"]

    for name in ("shapes.counting", "counting"):
        assert near(name, known)["did_you_mean"] == "'shapes.fine-grained-perception.counting'?"
