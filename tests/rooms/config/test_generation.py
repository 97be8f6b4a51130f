from __future__ import annotations

import pytest
from gated_project import Project

from pytest_mmbench.config.generation import DecodingSettings, check_decodings
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.records import Method
from pytest_mmbench.records.generation import Decoding, Sampling

RANKING = [method for method in Method if method is not Method.GENERATE]


def decodings(project: Project, text: str) -> dict[str, DecodingSettings]:
    project.write(text)
    return {each.name: each.decoding for each in project.settings().benchmarks}


def test_nothing_is_set_by_itself(project: Project) -> None:
    """Every benchmark is asked as it asks."""
    (decoding,) = decodings(project, "").values()

    assert {decoding.for_method(method) for method in Method} == {Decoding()}
    assert Decoding().parts == ()


def test_a_benchmarks_own_keys_come_before_those_of_all(project: Project) -> None:
    """Key by key: what its table leaves out holds as [decoding] says it."""
    every = decodings(
        project,
        """
        [decoding]
        max-new-tokens = 512
        system = "Be brief."
        thinking = true
        [benchmarks.shapes]
        [benchmarks.mmstar]
        data = "stars"
        [benchmarks.mmstar.decoding]
        max-new-tokens = 2048
        thinking = false
        stop = ["Question:", "\\n\\n", "Question:"]
        """,
    )

    assert every["shapes"].for_method(Method.GENERATE) == Decoding(
        max_new_tokens=512, system="Be brief.", thinking=True
    )
    mmstar = every["mmstar"].for_method(Method.GENERATE)
    assert mmstar == Decoding(
        max_new_tokens=2048, system="Be brief.", thinking=False, stop=("Question:", "\n\n")
    )
    assert mmstar.parts == (
        "max-new-tokens=2048",
        'system="Be brief."',
        "thinking=false",
        'stop=["Question:", "\\n\\n"]',
    )


def test_the_table_is_no_option_of_the_benchmark(project: Project) -> None:
    """The benchmark checks its own options, and this is none of them."""
    project.write("[benchmarks.shapes]\nper-axis = 2\n[benchmarks.shapes.decoding]\nsystem = 'Hm.'")
    (shapes,) = project.settings().benchmarks

    assert shapes.options == {"per-axis": 2}


def test_one_stop_text_needs_no_list(project: Project) -> None:
    """A text alone is one of one."""
    (decoding,) = decodings(project, '[decoding]\nstop = "###"').values()

    assert decoding.for_method(Method.GENERATE).stop == ("###",)


@pytest.mark.parametrize("table", ["decoding", "benchmarks.shapes.decoding"])
@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("max-new-tokens = 0", "max-new-tokens = 0 leaves no room for an answer."),
        ("max-new-tokens = -1", "max-new-tokens is a whole number, 0 or more; -1 is not."),
        ("max-new-tokens = 1.5", "max-new-tokens is a whole number, 0 or more; 1.5 is not."),
        ("max-new-tokens = true", "max-new-tokens is a whole number, 0 or more; true is not."),
        ('max-new-tokens = "9"', 'max-new-tokens is a whole number, 0 or more; "9" is not.'),
        ("max-new-tokens = nan", "max-new-tokens is a whole number, 0 or more; nan is not."),
        ('system = " "', "the system prompt is empty."),
        ("system = 3", "system is a text, not 3."),
        ('thinking = "on"', 'thinking is either true or false; "on" is neither.'),
        ("stop = []", "stop is one text or several; [] is not."),
        ('stop = ["a", ""]', 'stop is one text or several; ["a", ""] is not.'),
        ("stop = [1]", "stop is one text or several; [1] is not."),
        ("thoughts = []", "thoughts are enclosed by two texts; [] are none."),
        ('thoughts = ["a"]', 'thoughts are enclosed by two texts; ["a"] are none.'),
        ('thoughts = ["a", "A "]', 'thoughts are enclosed by two texts; ["a", "A "] are none.'),
        ('thoughts = [["a", ""]]', 'thoughts are enclosed by two texts; [["a", ""]] are none.'),
        ('thoughts = "<plan>"', 'thoughts are enclosed by two texts; "<plan>" are none.'),
        ("temperature = -1", "temperature is 0, or a number from 0.001 to 100; -1 is not."),
        ("temperature = nan", "temperature is 0, or a number from 0.001 to 100; nan is not."),
        ("temperature = inf", "temperature is 0, or a number from 0.001 to 100; infinity is not."),
        ("temperature = true", "temperature is 0, or a number from 0.001 to 100; true is not."),
        ('temperature = "1"', 'temperature is 0, or a number from 0.001 to 100; "1" is not.'),
        ("top-p = 0", "top-p is a probability above 0, at most 1; 0 is not."),
        ("top-p = 1.01", "top-p is a probability above 0, at most 1; 1.01 is not."),
        ("top-p = nan", "top-p is a probability above 0, at most 1; nan is not."),
        ("top-k = 0", "top-k is a whole number, 1 or more; 0 is not."),
        ("top-k = 2.0", "top-k is a whole number, 1 or more; 2.0 is not."),
        ("seed = -1", "seed is a whole number from 0 to 4611686018427387904; -1 is not."),
        ("seed = 1.5", "seed is a whole number from 0 to 4611686018427387904; 1.5 is not."),
        ("repeats = 0", "repeats is a whole number from 1 to 1000; 0 is not."),
        ("repeats = 1001", "repeats is a whole number from 1 to 1000; 1001 is not."),
        ("repeats = true", "repeats is a whole number from 1 to 1000; true is not."),
    ],
)
def test_nonsense_is_refused(table: str, line: str, problem: str, project: Project) -> None:
    """Before anything is asked, with the file, the table and the line."""
    lines = project.error(f"[{table}]\n{line}")

    assert lines[0] == f"mmbench: {problem}"
    where, _, value = lines[1].partition(" = ")
    key = line.partition(" = ")[0]
    assert (where, bool(value)) == (f"  asked for by   mmbench.toml [{table}] {key}", True)


@pytest.mark.parametrize("table", ["decoding", "benchmarks.shapes.decoding"])
def test_an_unknown_key_is_answered_with_the_nearest(table: str, project: Project) -> None:
    """And with all that there are."""
    lines = project.error(f"[{table}]\nmax-tokens = 9")

    assert lines[0] == "mmbench: 'max-tokens' is not a key of [decoding]."
    assert "  did you mean   'max-new-tokens'?" in lines


def test_a_single_value_is_no_table(project: Project) -> None:
    """The error shows how a table is written."""
    lines = project.error("[benchmarks.shapes]\ndecoding = 9")

    assert lines[0] == "mmbench: decoding is a table, not a single value."


@pytest.mark.parametrize("method", RANKING)
@pytest.mark.parametrize(
    "line",
    [
        "max-new-tokens = 9",
        'stop = ["###"]',
        "temperature = 0.5",
        "repeats = 3",
        'thoughts = ["<plan>", "</plan>"]',
    ],
)
def test_ranking_generates_no_text(line: str, method: Method, project: Project) -> None:
    """A benchmark's own key for generated text is refused; one for all holds for the others."""
    own = decodings(project, f"[benchmarks.shapes.decoding]\n{line}")["shapes"]
    common = decodings(project, f"[decoding]\n{line}\n[benchmarks.shapes]")["shapes"]

    with pytest.raises(SettingsError, match=f"and method '{method}' generates none") as caught:
        own.for_method(method)
    assert line in caught.value.facts["asked for by"]
    assert common.for_method(method) == Decoding()
    check_decodings({"a": common, "b": common}, {"a": method, "b": Method.GENERATE})
    with pytest.raises(SettingsError, match="generates none") as caught:
        check_decodings({"a": common}, {"a": method})
    assert line in caught.value.facts["asked for by"]


@pytest.mark.parametrize("method", RANKING)
def test_a_system_prompt_and_thinking_hold_for_every_method(
    method: Method, project: Project
) -> None:
    """They change the prompt, which every method has."""
    own = decodings(project, '[benchmarks.shapes.decoding]\nsystem = "Hm."\nthinking = true')

    assert own["shapes"].for_method(method) == Decoding(system="Hm.", thinking=True)


def test_the_share_of_cut_answers_has_a_limit_where_it_is_set(project: Project) -> None:
    """By itself every answer may be cut, as long as it can be read."""
    assert project.settings().cut_short_limit == 1
    project.write("[gate]\ncut-short = 0.1")
    assert project.settings().cut_short_limit == 0.1
    assert project.error("[gate]\ncut-short = 2")[0].startswith("mmbench: cut-short 2 is not")


def test_what_is_set_of_draws(project: Project) -> None:
    """It is printed with every number; a seed of 0 too, as answers depend on it."""
    (decoding,) = decodings(
        project,
        """
        [decoding]
        temperature = 1
        top-p = 0.95
        top-k = 20
        seed = 7
        repeats = 4
        thoughts = ["<plan>", "</plan>"]
        """,
    ).values()
    found = decoding.for_method(Method.GENERATE)

    assert found == Decoding(
        temperature=1.0,
        top_p=0.95,
        top_k=20,
        seed=7,
        repeats=4,
        thoughts=(("<plan>", "</plan>"),),
    )
    assert found.sampling == Sampling(temperature=1.0, top_p=0.95, top_k=20, seed=7)
    assert found.parts == (
        'thoughts=[["<plan>", "</plan>"]]',
        *("temperature=1.0", "top-p=0.95", "top-k=20", "seed=7", "repeats=4"),
    )
    assert Decoding(temperature=0.5).parts == ("temperature=0.5", "seed=0")


@pytest.mark.parametrize("line", ["top-p = 0.9", "top-k = 5", "seed = 1", "repeats = 2"])
@pytest.mark.parametrize("temperature", ["", "temperature = 0"])
def test_nothing_is_said_of_draws_without_a_temperature(
    line: str, temperature: str, project: Project
) -> None:
    """Unless the benchmark's own table says that it alone is not drawn."""
    (decoding,) = decodings(project, f"[decoding]\n{line}\n{temperature}").values()
    with pytest.raises(SettingsError, match="is set, and no temperature"):
        decoding.for_method(Method.GENERATE)

    own = f"[decoding]\ntemperature = 0.5\n{line}\n[benchmarks.shapes.decoding]\ntemperature = 0"
    (decoding,) = decodings(project, own).values()
    assert decoding.for_method(Method.GENERATE) == Decoding()


def test_one_repeat_is_none(project: Project) -> None:
    """Nor is a temperature of 0 one: keys, snapshots and baselines stay what they are."""
    (decoding,) = decodings(project, "[decoding]\ntemperature = 0\nrepeats = 1").values()

    assert decoding.for_method(Method.GENERATE) == Decoding()
