from pytest_mmbench.benchmarks.published import Mixed, scorers_by_method
from pytest_mmbench.records import Answer, Mark, Method, OptionLogprob, Sample, Score
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.likelihood import MostLikely


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
    mixed = Mixed(choice=MostLikely(), open=ExactText())
    ranked = Answer(
        sample="s",
        option_logprobs=(OptionLogprob(logprob=-2, tokens=1), OptionLogprob(logprob=-1, tokens=1)),
    )

    assert mixed(sample("x", "y", target="B"), ranked).mark is Mark.CORRECT
    assert mixed(sample(target="4.5"), Answer(sample="s", text="4.5")).mark is Mark.CORRECT
    assert mixed(sample(target="4.5"), Answer(sample="s", text="4")).mark is Mark.INCORRECT


def test_the_rule_has_a_name() -> None:
    """Ranking needs no name; a text is read by a rule that has one."""
    assert Mixed(choice=MostLikely(), open=ExactText()).rule == "same"
    assert Mixed(choice=StrictChoice(), open=ExactText()).rule == "strict"


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
