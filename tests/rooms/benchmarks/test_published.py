"""A benchmark as its spec declares it, read from three rows."""

import json
import warnings
from dataclasses import replace
from typing import Any

import pytest

from pytest_mmbench.benchmarks.dimensions import dimensions, leaf_path, views
from pytest_mmbench.benchmarks.prompts import single_turn
from pytest_mmbench.benchmarks.published import (
    BenchmarkSpec,
    MixedScorer,
    PublishedSample,
    first_few,
    scorers_by_method,
)
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.samples import build_samples
from pytest_mmbench.errors import DataError, MMBenchWarning, SettingsError
from pytest_mmbench.records import Answer, Mark, Method, OptionLogprob, Sample, Score
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.likelihood import MostLikely
from pytest_mmbench.testing import check_benchmark


def make_sample(id: str, row: Row) -> PublishedSample[str]:
    return PublishedSample(
        sample=Sample(
            id=id, dimension="acme.signs", question="Which?", options=("this", "that"), target="B"
        ),
        extra=row.text("hint"),
        views=(leaf_path("acme", "hints", row.text("hint")),),
        ranked_by_letter=row.text("hint") == "hard",
    )


SPEC = BenchmarkSpec(
    name="acme",
    version=3,
    published_as="set data",
    options={"level": ("low", "high")},
    table=lambda options: options.table(pictures=(), columns=("hint",)),
    samples=lambda table, _: build_samples(table, make_sample, id="id").items,
    tree=lambda data: (
        *dimensions("acme", {"signs": ()}, data.sizes),
        *views("acme", {"hints": ("easy", "hard")}, data.sizes),
    ),
    prompt=lambda sample, _, data: single_turn((), f"{data.extras[sample.id]}: {sample.question}"),
    scorers=lambda _: scorers_by_method(choice=StrictChoice()),
)


def data_of(published: Any, *hints: str) -> dict[str, object]:
    rows = [json.dumps({"id": str(number), "hint": hint}) for number, hint in enumerate(hints)]
    return {"data": str(published.text("acme.jsonl", "\n".join(rows)))}


def test_a_spec_makes_a_benchmark(published: Any) -> None:
    """Tree, ids, prompt and revision follow from what is declared, and nothing is warned of."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        benchmark = SPEC.load(data_of(published, "easy", "easy"))

    check_benchmark(benchmark)
    assert {node.path: node.size for node in benchmark.dimensions()} == {
        "acme": 2,
        "acme.signs": 2,
        "acme.hints.easy": 2,
        "acme.hints.hard": 0,
    }
    assert list(benchmark.ids("acme.hints.easy")) == ["0", "1"]
    prompt = benchmark.request(benchmark.sample("0"), Method.GENERATE).prompt
    assert prompt.turns[0].parts == ("easy: Which?",)
    assert benchmark.revision.startswith("acme-3 ")
    assert benchmark.variant == ""


def test_revision_and_variant_name_what_was_read(published: Any) -> None:
    """A spec may name options in both, and the data change the revision."""
    spec = replace(
        SPEC,
        edition=lambda data: data.options.word("level"),
        variant=lambda data: f"{len(data.samples)} samples",
    )
    benchmark = spec.load({**data_of(published, "easy"), "level": "high"})
    other = spec.load({**data_of(published, "easy", "easy"), "level": "high"})

    assert benchmark.revision.startswith("acme-3 high ")
    assert benchmark.revision != other.revision
    assert (benchmark.variant, other.variant) == ("1 samples", "2 samples")


def test_other_counts_are_warned_of(published: Any) -> None:
    """Views are compared, and their samples are not added to those of the leaves."""
    spec = replace(SPEC, counts=lambda _: {"acme.signs": 3, "acme.hints.hard": 1})

    with pytest.warns(MMBenchWarning) as caught:
        spec.load(data_of(published, "easy"))

    problem, *lines = str(caught[0].message).splitlines()
    assert "3 samples were expected, 1 found" in problem
    assert [line.split()[0] for line in lines] == ["acme.signs", "acme.hints.hard"]


def test_options_that_cannot_be_ranked_are_ranked_by_letter(published: Any) -> None:
    """A warning counts them, and says why."""
    spec = replace(SPEC, letters_because="cannot be told apart")

    with pytest.warns(MMBenchWarning) as caught:
        benchmark = spec.load(data_of(published, "easy", "hard"))

    assert str(caught[0].message) == (
        "acme.jsonl: the options of 1 of 2 questions cannot be told apart: 1"
    )
    requests = [benchmark.request(benchmark.sample(id), Method.RANK) for id in ("0", "1")]
    assert [request.options for request in requests] == [("this", "that"), ("A", "B")]


def test_settings_are_checked_before_data_are_read(published: Any) -> None:
    """A word that is not known is an error of the settings, a missing column one of the data."""
    with pytest.raises(SettingsError, match="level = 'middle' is not known"):
        SPEC.load({"data": "nowhere", "level": "middle"})
    with pytest.raises(DataError, match="no column 'hint'"):
        SPEC.load({"data": str(published.text("acme.jsonl", '{"id": "0"}'))})


def test_a_warning_names_the_first_few() -> None:
    """Three ids, and that there are more."""
    assert first_few(["1", "2", "3"]) == "1, 2, 3"
    assert first_few(["1", "2", "3", "4"]) == "1, 2, 3 ..."


class ExactText:
    """Correct if the text is the target."""

    rule = "same"

    def __call__(self, sample: Sample, answer: Answer) -> Score:
        mark = Mark.CORRECT if answer.text == sample.target else Mark.INCORRECT
        return Score(sample=sample.id, mark=mark, answer=answer.text)


def sample(*options: str, target: str) -> Sample:
    return Sample(id="s", dimension="b.c", question="?", options=options, target=target)


def test_each_kind_of_question_has_its_rule() -> None:
    """Options are ranked, and open questions are read, in one benchmark."""
    mixed = MixedScorer(choice=MostLikely(), open=ExactText())
    ranked = Answer(
        sample="s",
        option_logprobs=(OptionLogprob(logprob=-2, tokens=1), OptionLogprob(logprob=-1, tokens=1)),
    )

    assert mixed(sample("x", "y", target="B"), ranked).mark is Mark.CORRECT
    assert mixed(sample(target="4.5"), Answer(sample="s", text="4.5")).mark is Mark.CORRECT
    assert mixed(sample(target="4.5"), Answer(sample="s", text="4")).mark is Mark.INCORRECT


def test_the_rule_has_a_name() -> None:
    """Ranking needs no name; a text is read by a rule that has one."""
    assert MixedScorer(choice=MostLikely(), open=ExactText()).rule == "same"
    assert MixedScorer(choice=StrictChoice(), open=ExactText()).rule == "strict and same"


def test_every_method_has_its_reading() -> None:
    """Generated answers are read by the rule for choices; ranked ones by what is likeliest."""
    scorers = scorers_by_method(choice=StrictChoice(), open=ExactText())
    ranked = Answer(
        sample="s",
        option_logprobs=(OptionLogprob(logprob=-3, tokens=3), OptionLogprob(logprob=-2, tokens=1)),
    )
    two = sample("x", "y", target="B")

    assert next(iter(scorers)) is Method.GENERATE
    assert scorers[Method.GENERATE](two, Answer(sample="s", text="B")).answer == "B"
    assert scorers[Method.RANK](two, ranked).answer == "B"
    assert scorers[Method.RANK_LETTER](two, ranked).answer == "B"
    assert scorers[Method.RANK_MEAN](two, ranked).answer == "A"
    for scorer in scorers.values():
        assert scorer(sample(target="4"), Answer(sample="s", text="4")).mark is Mark.CORRECT


def test_four_ways_of_asking() -> None:
    """To generate first; likelihoods are summed or, if it is asked for, averaged."""
    scorers = scorers_by_method(choice=StrictChoice())
    two = sample("x", "y", target="B")
    likelihoods = (OptionLogprob(logprob=-2.0, tokens=1), OptionLogprob(logprob=-3.0, tokens=2))
    answer = Answer(sample="s", option_logprobs=likelihoods)

    assert next(iter(scorers)) is Method.GENERATE
    assert scorers[Method.RANK](two, answer).mark is Mark.INCORRECT
    assert scorers[Method.RANK_LETTER](two, answer).mark is Mark.INCORRECT
    assert scorers[Method.RANK_MEAN](two, answer).mark is Mark.CORRECT
