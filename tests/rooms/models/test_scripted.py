from dataclasses import replace
from pathlib import Path

import pytest

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.models.scripted import ScriptedModel, load
from pytest_mmbench.records import Method, Request
from pytest_mmbench.records.generation import Sampling
from pytest_mmbench.testing import check_model

SHAPES = Shapes(per_axis=4)


def shapes_request(id: str, method: Method) -> Request:
    return SHAPES.request(SHAPES.sample(id), method)


def test_it_says_what_its_script_holds() -> None:
    """The scripted letter is the most likely option, and the generated text."""
    model = ScriptedModel({"counting-0001": "C"}, otherwise="B")

    (ranked,) = model.rank([shapes_request("counting-0001", Method.RANK)])
    texts = [
        model.generate([shapes_request(id, Method.GENERATE)])[0].text
        for id in ("counting-0001", "counting-0002")
    ]

    assert (
        max(ranked.option_logprobs, key=lambda option: option.logprob) is ranked.option_logprobs[2]
    )
    assert texts == ["C", "B"]


def test_a_script_may_say_which_texts_were_cut(tmp_path: Path) -> None:
    """A list of sample ids; a script without one is the model that it always was."""
    path = tmp_path / "answers.json"
    fingerprints = []
    for more in ("", ', "cut-short": []', ', "cut-short": ["counting-0001"]'):
        path.write_text(f'{{"answers": {{}}{more}}}')
        model = load(f"scripted:{path}")
        fingerprints.append(model.fingerprint)
    requests = [shapes_request(f"counting-000{n}", Method.GENERATE) for n in (1, 2)]

    assert [answer.cut_short for answer in model.generate(requests)] == [True, False]
    assert fingerprints[0] == fingerprints[1] != fingerprints[2]
    path.write_text('{"answers": {}, "cut-short": "counting-0001"}')
    with pytest.raises(CheckpointError, match="not a script of answers"):
        load(f"scripted:{path}")


@pytest.mark.parametrize(("text", "option"), [("No", 1), ("B", 1), ("A", 0), ("Yes", 0)])
def test_an_option_may_be_said_by_its_text(text: str, option: int) -> None:
    """Where a benchmark reads words, its script holds words: they rank like their letters."""
    request = replace(shapes_request("counting-0001", Method.RANK), options=("Yes", "No"))

    (answer,) = ScriptedModel({}, otherwise=text).rank([request])

    assert answer.option_logprobs[option].logprob > answer.option_logprobs[1 - option].logprob


@pytest.mark.parametrize("text", ["", "AB", "C", "a", "neither"])
def test_what_is_no_option_is_not_taken_for_the_first(text: str) -> None:
    """A tie would be: a script that says nothing would be right wherever A is."""
    request = replace(shapes_request("counting-0001", Method.RANK), options=("Yes", "No"))

    with pytest.raises(CheckpointError, match="which is none of the options") as caught:
        ScriptedModel({}, otherwise=text).rank([request])

    assert caught.value.facts["letters"] == "A, B"


@pytest.mark.parametrize("method", [Method.RANK, Method.GENERATE])
def test_it_keeps_the_contract_of_models(method: Method) -> None:
    """The check for third-party models passes."""
    check_model(ScriptedModel({}), SHAPES, method=method)


def test_another_script_is_another_model() -> None:
    """The fingerprint follows the script, and nothing else."""
    one, twin, other = ScriptedModel({"a": "B"}), ScriptedModel({"a": "B"}), ScriptedModel({})

    assert one.fingerprint == twin.fingerprint != other.fingerprint


def test_a_script_is_read_from_a_file(tmp_path: Path) -> None:
    """`scripted:FILE.json` names a file of answers."""
    script = tmp_path / "answers.json"
    script.write_text('{"answers": {"counting-0001": "D"}, "otherwise": "B"}')

    model = load(f"scripted:{script}")

    assert model.generate([shapes_request("counting-0001", Method.GENERATE)])[0].text == "D"
    assert model.name == f"scripted:{script}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"answers": 3}',
        '{"answers": {"a": 3}}',
        '{"answers": {"a": "\\ud800"}}',
        '{"answers": {}, "otherwise": null}',
        '{"answers": ' + "[" * 100_000,
        "9" * 5000,
    ],
    ids=range(9),
)
def test_a_file_that_is_no_script_is_refused(tmp_path: Path, text: str) -> None:
    """The error names the file and shows what a script looks like."""
    script = tmp_path / "answers.json"
    script.write_text(text)

    with pytest.raises(CheckpointError, match="is not a script of answers") as caught:
        load(f"scripted:{script}")

    assert str(script) in str(caught.value)
    assert '{"answers": {"<sample id>": "B", ...}' in str(caught.value)


@pytest.mark.parametrize(
    ("name", "close"), [("frst", "first"), ("firts", "first"), ("anwsers.json", "answers.json")]
)
def test_a_script_that_is_not_there_has_a_nearest_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, close: str
) -> None:
    """Of the files beside it, and the one that is always there."""
    (tmp_path / "answers.json").write_text("{}")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(CheckpointError, match=f"there is no script of answers '{name}'") as caught:
        load(f"scripted:{name}")

    assert caught.value.facts["did you mean"] == f"{close!r}?"


def test_it_answers_by_sample() -> None:
    """The queue asks it for each sample, however alike two requests are."""
    assert ScriptedModel({}).answers_by_sample


def test_a_list_of_texts_is_told_by_the_seed(tmp_path: Path) -> None:
    """Round and round; where nothing is drawn the first one is said."""
    path = tmp_path / "answers.json"
    path.write_text('{"answers": {"counting-0001": ["A", "B", "C"]}}')
    model = load(f"scripted:{path}")
    request = shapes_request("counting-0001", Method.GENERATE)
    drawn = [replace(request, sampling=Sampling(temperature=1, seed=seed)) for seed in range(5)]

    assert [each.text for each in model.generate(drawn)] == ["A", "B", "C", "A", "B"]
    assert model.generate([request])[0].text == "A"
    assert model.fingerprint != ScriptedModel({"counting-0001": "A"}).fingerprint
    check_model(model, SHAPES, method=Method.GENERATE, sampling=Sampling(temperature=1, seed=1))


@pytest.mark.parametrize("texts", ["[]", "[1]", "[null]", "3"])
def test_a_list_of_no_texts_is_no_script(tmp_path: Path, texts: str) -> None:
    """It is refused before anything is asked."""
    path = tmp_path / "answers.json"
    path.write_text(f'{{"answers": {{"counting-0001": {texts}}}}}')

    with pytest.raises(CheckpointError, match="not a script of answers"):
        load(f"scripted:{path}")
