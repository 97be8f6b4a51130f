from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Answer, Sample, Score
from pytest_mmbench.records.generation import Marks
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.choice_scorer import (
    FILTERED_LETTER,
    FIRST_CHARACTER,
    INFERRED_CHOICE,
    LLAVA_CHOICE,
    PREFIX_CHOICE,
)
from pytest_mmbench.scorers.cut_answer import score_answer
from pytest_mmbench.scorers.mathvista import NearestChoice
from pytest_mmbench.scorers.mmmu import MMMUChoice
from pytest_mmbench.scorers.phrases import folded, plain, plain_lines
from pytest_mmbench.scorers.response import (
    final_response,
    is_thought_mark,
    opened_thought,
    without_end_tokens,
    without_thoughts,
)

REASONING = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<think budget='9'>", "</think>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("\u25c1think\u25b7", "\u25c1/think\u25b7"),
    ("[THINK]", "[/THINK]"),
    ("<seed:think>", "</seed:think>"),
    ("<longcat_think>", "</longcat_think>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>\n\n<|begin_of_solution|>"),
    ("<\uff5cbegin\u2581of\u2581thought\uff5c>", "<\uff5cend\u2581of\u2581thought\uff5c>"),
    ("<|START_THINKING|>", "<|END_THINKING|><|START_RESPONSE|>"),
    ("<|thinking_start|>", "<|thinking_end|>"),
    ("<|inner_prefix|>", "<|inner_suffix|>"),
    ("<|think|>", "<|end|><|begin|>assistant<|content|>"),
    ("<unused94>thought\n", "<unused95>"),
    ("<|channel>thought\n", "<channel|>"),
    (
        "<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
    ),
    (
        "<|start|>assistant<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final <|constrain|>text<|message|>",
    ),
    ("analysisWe look at it. ", "assistantfinal"),
    ("Here is my thought process:\n", "\n\nHere is my response:\n"),
]
BEGINS = [begin for begin, _ in REASONING]
MARKED_ENDS = [end for begin, end in REASONING[:-2]]
TOKENS = [
    *("<s>", "</s>", "<bos>", "<eos>", "<pad>", "<unk>", "<|im_end|>", "<|endoftext|>"),
    *("<|eot_id|>", "<|eom_id|>", "<|end|>", "<|return|>", "<end_of_turn>", "<start_of_turn>"),
    *("<end_of_utterance>", "<turn|>", "<|END_OF_TURN_TOKEN|>", "<|begin_of_text|>", "[/INST]"),
    *("<\uff5cend\u2581of\u2581sentence\uff5c>", "<|vision_start|>", "<unused3>", "<0x0A>"),
    *("<|reserved_special_token_7|>", "[CLS]", "<|im_start|>assistant\n", "<|assistant|>"),
    "<start_of_turn>model\n",
    "<|start_header_id|>assistant<|end_header_id|>\n\n",
]
NO_TOKENS = [
    *("<b>c</b>", "<p>", "x < y > z", "x<y>z", "|x|<|y|>z", "a <- b -> c", "<image 1>", "<c>"),
    *("<div class='x'>", "1<2 and 3>2", "vector<int>", "<answer>c</answer>", "[1, 2]", "[end]"),
    *("<x|y>", "analysis of variance", "i think so", "the thought", "<|begin_of_box|>4"),
]
SAID = st.text("abc012 .,:-+()", max_size=12).map(lambda text: f"c {text}")


@pytest.mark.parametrize(("begin", "end"), REASONING)
@given(before=SAID, after=SAID)
def test_only_what_follows_reasoning_counts(begin: str, end: str, before: str, after: str) -> None:
    """Whatever marks the reasoning, with or without blanks around it and in any case."""
    assert plain(f"{begin}{before}{end}{after}") == plain(after)
    assert plain(f"{begin.upper()} {before}\n{end.upper()}\n\n{after}") == plain(after)


@pytest.mark.parametrize("begin", BEGINS)
@given(SAID)
def test_reasoning_without_end_has_no_response(begin: str, said: str) -> None:
    """It was cut short, and nothing was settled on yet."""
    assert plain(begin + said) == ""


@pytest.mark.parametrize("end", MARKED_ENDS)
@given(SAID, SAID)
def test_what_precedes_an_end_is_reasoning(end: str, before: str, after: str) -> None:
    """Templates put the beginning into the prompt."""
    assert plain(before + end + after) == plain(after)


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("<think>A</think>", ""),
        ("<think>A</think>B<think>C?", "b"),
        ("C\n<think>A or B?", "c"),
        ("Let me see. <think>A</think> C", "c"),
        ("<answer>C</answer> <reason>A is red.</reason>", "<answer>c</answer>"),
        ("<think>A <answer>B</answer> or <answer>C</answer>", "<answer>c</answer>"),
        ("<think>Write <answer>B</answer>? Let me look", ""),
        ("<think>A<|begin_of_solution|>C", "c"),
        ("<|channel|>analysis<|message|>A<|end|>", ""),
        ("<seed:think>A<seed:cot_budget_reflect>5</seed:cot_budget_reflect>B</seed:think>C", "c"),
        ("<think>1</think>\n\n</think>\nC", "c"),
    ],
)
def test_the_last_thing_said_aloud_counts(text: str, response: str) -> None:
    """Between, before or after reasoning; an answer tag at the end closes it."""
    assert plain(text) == response


OWN = (("<plan>", "</plan>"), ("((", "))"), ("\u601d\u8003\uff1a", "\u7b54\uff1a"))
SAMPLE = Sample(
    id="1",
    dimension="a.b",
    question="Which?",
    options=("red", "blue", "green"),
    target="B",
)
RULES = [
    StrictChoice(),
    PREFIX_CHOICE,
    FIRST_CHARACTER,
    LLAVA_CHOICE,
    FILTERED_LETTER,
    INFERRED_CHOICE,
    MMMUChoice(),
    NearestChoice(),
]
SPOKEN = st.sampled_from(
    ["B", "(C)", "The answer is A.", "blue", "It is green, so C.", "", "B or C", "**A**"]
)
THOUGHTS = st.lists(
    st.sampled_from(
        ["A", "(B) ", "The answer is C. ", "\\boxed{A} ", "so blue\n", "Answer: B\n", "red or "]
    ),
    max_size=4,
).map("".join)


def graded(text: str, rule: Scorer, *, cut_short: bool = False, marks: Marks = ()) -> Score:
    answer = Answer(sample="1", text=text, cut_short=cut_short)
    return score_answer(rule, SAMPLE, answer, marks=marks)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule)
@given(
    st.sampled_from([*zip(BEGINS, MARKED_ENDS, strict=False), *OWN]),
    st.lists(THOUGHTS, min_size=1, max_size=3),
    SPOKEN,
    st.sampled_from(["the text", "the prompt"]),
)
def test_no_rule_reads_a_thought(
    rule: Scorer, family: tuple[str, str], thoughts: list[str], spoken: str, begins_in: str
) -> None:
    """Strict or published: the score is that of what stands behind, of however many thoughts.

    So it is where the beginning stood in the prompt, and in a thought within a thought.
    """
    begin, end = family
    whole = "".join(f"{begin}{thought}{end}" for thought in thoughts)
    nested = begin + "".join(f"{begin}{thought}{end}" for thought in thoughts) + end
    for thought in (whole, nested):
        text = thought.removeprefix(begin) if begins_in == "the prompt" else thought
        assert graded(text + spoken, rule, marks=OWN) == graded(spoken, rule)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule)
@given(st.sampled_from([*BEGINS, *(begin for begin, _ in OWN)]), THOUGHTS, THOUGHTS)
def test_a_thought_without_an_end_is_read_by_no_rule(
    rule: Scorer, begin: str, thought: str, other: str
) -> None:
    """Whatever stands in it, and also if the limit of tokens has ended it."""
    for text in (begin + thought, begin + other):
        assert graded(text, rule, marks=OWN) == graded("", rule)
        assert graded(text, rule, cut_short=True, marks=OWN) == graded("", rule)


@pytest.mark.parametrize("begin", ["<plan>", "<PLAN>", "<Plan>\n"])
def test_own_marks_are_known_in_any_case(begin: str) -> None:
    """They stand beside the known ones, and say nothing where they are not set."""
    text = f"{begin}It is A.</plan> It is B."

    assert without_thoughts(text, marks=OWN) == " It is B."
    assert without_thoughts(f"<think>C</think>{text}", marks=OWN) == " It is B."
    assert without_thoughts(text) == text
    assert opened_thought("assistant\n<plan>\n", OWN) == "<plan>"
    assert not opened_thought("assistant\n<plan></plan>\n", OWN)
    assert is_thought_mark("<plan>", OWN)
    assert not is_thought_mark("<plan>")


@given(st.text(alphabet=st.characters(exclude_characters="<[\u25c1\uff1c\uff3bmaMA"), max_size=30))
def test_a_text_without_marks_stays_as_it_is(text: str) -> None:
    """To the letter, in whatever script: numbers of models that do not think do not move."""
    assert without_thoughts(text) == text
    assert without_thoughts(text, marks=OWN[:1]) == text


@pytest.mark.parametrize("token", TOKENS)
@given(SAID)
def test_special_tokens_are_no_part_of_a_response(token: str, said: str) -> None:
    """On both sides, also in pairs, and in any case."""
    for text in (token + said, said + token, f"{token} {said}\n{token}{token}"):
        assert plain(text) == plain(text.upper()) == plain(said)


@pytest.mark.parametrize(
    "text",
    [
        "C<|im_end|>\n<|im_start|>user\nAnd this? A",
        "C</s>A</s>",
        "C<|endoftext|>Human: Is it A?",
        "C [INST] A [/INST] A",
        "<|assistant|>C<|user|>A",
        "<|im_start|>assistant\nC<|im_end|>\n<|im_start|>assistant\nA",
        "C<end_of_turn>\n<start_of_turn>user\nA",
        "C<|eot_id",
    ],
)
def test_a_response_ends_with_its_turn(text: str) -> None:
    """What a model makes up after it, a next question and its answer, is none of it."""
    assert plain(text) == "c"


@pytest.mark.parametrize("text", NO_TOKENS)
def test_other_angle_brackets_stay(text: str) -> None:
    """HTML, comparisons, arrows and pictures' names are no special tokens."""
    assert plain(text) == text


@pytest.mark.parametrize("word", ["</s>", "<think>", "<|im_end|>", "[SEP]", "<mask>", "\u2581"])
def test_what_options_have_is_a_word(word: str) -> None:
    """A question about such tokens can be answered with them."""
    text = f"The tag {word} is meant."

    assert plain(text, [folded(word), "none"]) == folded(text)


@given(st.lists(st.sampled_from([*BEGINS, *MARKED_ENDS, *TOKENS, *NO_TOKENS, "\n", " x "])))
def test_nothing_raises_and_nothing_is_made_up(parts: list[str]) -> None:
    """Whatever stands where, a response is never longer than the text."""
    text = "".join(parts)

    assert len(plain_lines(text)) <= len(text)


ROWS = [
    "<",
    "<think>",
    "<|",
    "<a>",
    "[inst]",
    "<|channel|>a",
    "<|im_start|>user ",
    "<a_",
    "<think a=",
]


@pytest.mark.parametrize("row", [*ROWS, "<answer></a>", "here is my response:", "</think>", "<|a_"])
def test_the_time_grows_with_the_length_alone(row: str) -> None:
    """A megabyte takes a second or two; if the time grew with the square, it would be hours."""
    begun = process_time()

    final_response(row * (10**6 // len(row)))

    assert process_time() - begun < 20


@pytest.mark.parametrize("said", ["harbour", " two words", "x < y", "a <b> tag</b>", ""])
@pytest.mark.parametrize(
    "tokens", ["", "</s>", "<|im_end|>\n", " <|return|><|endoftext|>", "<eos>"]
)
def test_tokens_that_end_a_text_are_no_part_of_it(said: str, tokens: str) -> None:
    """Whatever a decoder has left at the end; what is no special token stays."""
    assert without_end_tokens(said + tokens).rstrip() == said.rstrip()


@given(st.text("<|>/s eo\n", max_size=60))
def test_only_tokens_are_taken_from_the_end(text: str) -> None:
    """What is left is a beginning of the text, and is left again."""
    left = without_end_tokens(text)

    assert text.startswith(left)
    assert without_end_tokens(left) == left
