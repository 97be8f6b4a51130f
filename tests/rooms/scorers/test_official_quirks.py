"""What published rules make of answers, one quirk a line, and the strict reading beside them."""

from typing import NamedTuple

import pytest

from pytest_mmbench.benchmarks.published import MixedScorer
from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Answer, Mark, Sample
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.choice_scorer import (
    FILTERED_LETTER,
    FIRST_CHARACTER,
    INFERRED_CHOICE,
    LLAVA_CHOICE,
    PREFIX_CHOICE,
)
from pytest_mmbench.scorers.mathvista import (
    ExpectedAnswer,
    ExpectedType,
    NearestChoice,
    StrictTyped,
    TypedOpen,
)
from pytest_mmbench.scorers.mmmu import MMMUChoice, MMMUOpen
from pytest_mmbench.scorers.open_answer import StrictOpen
from pytest_mmbench.scorers.yes_no import OPENING_YES_NO, STRICT_YES_NO

CORRECT, INCORRECT, UNPARSEABLE = Mark.CORRECT, Mark.INCORRECT, Mark.UNPARSEABLE

WHOLE = {"s": ExpectedAnswer(type=ExpectedType.INTEGER)}
TENTHS = {"s": ExpectedAnswer(type=ExpectedType.FLOAT, precision=1)}
LISTS = {"s": ExpectedAnswer(type=ExpectedType.LIST)}

RULES: dict[str, Scorer] = {
    "strict": MixedScorer(choice=StrictChoice(), open=StrictOpen()),
    "strict yes or no": STRICT_YES_NO,
    "strict integer": StrictTyped(expected=WHOLE),
    "strict float": StrictTyped(expected=TENTHS),
    "strict list": StrictTyped(expected=LISTS),
    "MMStar": PREFIX_CHOICE,
    "SEED-Bench": FIRST_CHARACTER,
    "MMMU": MixedScorer(choice=MMMUChoice(), open=MMMUOpen()),
    "MMBench": INFERRED_CHOICE,
    "ScienceQA": LLAVA_CHOICE,
    "AI2D": FILTERED_LETTER,
    "MathVista": NearestChoice(),
    "MathVista integer": TypedOpen(expected=WHOLE),
    "MathVista float": TypedOpen(expected=TENTHS),
    "MathVista list": TypedOpen(expected=LISTS),
    "MME": OPENING_YES_NO,
}

FOUR = ("two", "three", "four", "a dog")
YES_NO = ("Yes", "No")
OPEN = ()
ANGLES = ("97", "102", "107", "122")

MMSTAR = "MMStar eval/vlmeval/evaluate/mmstar.py"
SEED = "lmms-eval tasks/seedbench/utils.py, seed_process_result"
MMMU_CHOICE = "MMMU utils/eval_utils.py, parse_multi_choice_response"
MMMU_OPEN = "MMMU utils/eval_utils.py, parse_open_response and eval_open"
INFER = "VLMEvalKit utils/matching_util.py, can_infer"
LLAVA = "LLaVA eval/eval_science_qa.py"
AI2D = "lmms-eval tasks/ai2d/utils.py, and its metric exact_match"
EXTRACT = "MathVista evaluation/extract_answer.py"
NORMALISE = "MathVista evaluation/calculate_score.py"
SHIPPED = "MathVista results/instruct_blip2, pid 5"
CALCULATION = "MME eval_tool/calculation.py"
OURS = "choice, open_answer, yes_no, typed"


class Quirk(NamedTuple):
    """An answer, and what becomes of it under a rule."""

    rule: str
    text: str
    options: tuple[str, ...]
    target: str
    mark: Mark
    source: str


QUIRKS = [
    Quirk("MMStar", "a photo of a dog", FOUR, "A", CORRECT, MMSTAR),
    Quirk("MMStar", "because", FOUR, "B", CORRECT, MMSTAR),
    Quirk("MMStar", "**B**", FOUR, "B", INCORRECT, MMSTAR),
    Quirk("MMStar", "", FOUR, "A", INCORRECT, MMSTAR),
    Quirk("MMStar", "nan", FOUR, "A", INCORRECT, MMSTAR),
    Quirk("strict", "a photo of something", FOUR, "A", UNPARSEABLE, OURS),
    Quirk("strict", "because", FOUR, "B", UNPARSEABLE, OURS),
    Quirk("strict", "**B**", FOUR, "B", CORRECT, OURS),
    Quirk("SEED-Bench", "A photo", FOUR, "A", CORRECT, SEED),
    Quirk("SEED-Bench", "Bananas", FOUR, "B", CORRECT, SEED),
    Quirk("SEED-Bench", " \nC. four", FOUR, "C", CORRECT, SEED),
    Quirk("SEED-Bench", "b", FOUR, "B", INCORRECT, SEED),
    Quirk("SEED-Bench", "(B)", FOUR, "B", INCORRECT, SEED),
    Quirk("SEED-Bench", "", FOUR, "A", INCORRECT, SEED),
    Quirk("MMMU", "A dog, I think", FOUR, "A", CORRECT, MMMU_CHOICE),
    Quirk("MMMU", "(A) or (B)? B", FOUR, "B", CORRECT, MMMU_CHOICE),
    Quirk("MMMU", "It is (A) and not B or C", FOUR, "A", CORRECT, MMMU_CHOICE),
    Quirk("MMMU", "A or B or C", FOUR, "C", CORRECT, MMMU_CHOICE),
    Quirk("MMMU", "'B.'", FOUR, "B", CORRECT, MMMU_CHOICE),
    Quirk("MMMU", "I can see that there are THREE", FOUR, "B", CORRECT, MMMU_CHOICE),
    Quirk("MMMU", "it was two and then it was four", FOUR, "C", CORRECT, MMMU_CHOICE),
    Quirk("strict", "it was two and then it was four", FOUR, "C", UNPARSEABLE, OURS),
    Quirk("MMMU", "Not a dog", OPEN, "dog", CORRECT, MMMU_OPEN),
    Quirk("MMMU", "hotdogs", OPEN, "dog", CORRECT, MMMU_OPEN),
    Quirk("strict", "Not a dog", OPEN, "dog", INCORRECT, OURS),
    Quirk("MMMU", "1,5", OPEN, "15", CORRECT, MMMU_OPEN),
    Quirk("strict", "1,5", OPEN, "15", UNPARSEABLE, OURS),
    Quirk("MMMU", "about 0.001", OPEN, "0.004", CORRECT, MMMU_OPEN),
    Quirk("strict", "about 0.001", OPEN, "0.004", INCORRECT, OURS),
    Quirk("MMMU", "3 or 4 or 5", OPEN, "4", CORRECT, MMMU_OPEN),
    Quirk("strict", "3 or 4 or 5", OPEN, "4", UNPARSEABLE, OURS),
    Quirk("MMMU", "This 4 it says", OPEN, "4", CORRECT, MMMU_OPEN),
    Quirk("MMMU", "It is 4. The rest is noise", OPEN, "4", INCORRECT, MMMU_OPEN),
    Quirk("MMMU", "x = 5\nso it is done", OPEN, "5", INCORRECT, MMMU_OPEN),
    Quirk("MMMU", "it is done\nso x = 5", OPEN, "5", CORRECT, MMMU_OPEN),
    Quirk("MMMU", "max", OPEN, "x", INCORRECT, MMMU_OPEN),
    Quirk("MMMU", "the x axis", OPEN, "x", CORRECT, MMMU_OPEN),
    Quirk("MMMU", "infinity", OPEN, "inf", CORRECT, MMMU_OPEN),
    Quirk("MMBench", "The letter is B", FOUR, "B", CORRECT, INFER),
    Quirk("MMBench", "B, as far as I can see", FOUR, "B", INCORRECT, INFER),
    Quirk("MMBench", "A dog", FOUR, "A", CORRECT, INFER),
    Quirk("MMBench", "a dog", FOUR, "D", CORRECT, INFER),
    Quirk("MMBench", "b", FOUR, "B", INCORRECT, INFER),
    Quirk("MMBench", "the correct ANSWER is **c**, I would say", FOUR, "C", CORRECT, INFER),
    Quirk("MMBench", "Cannot determine the answer. B", FOUR, "B", INCORRECT, INFER),
    Quirk("MMBench", "Failed to obtain answer via API. B", FOUR, "B", INCORRECT, INFER),
    Quirk("MMBench", "threefold", FOUR, "B", CORRECT, INFER),
    Quirk("MMBench", "It is three, however often one counts them", FOUR, "B", INCORRECT, INFER),
    Quirk("MMBench", "A or B", FOUR, "A", INCORRECT, INFER),
    Quirk("ScienceQA", "B\n", FOUR, "B", CORRECT, LLAVA),
    Quirk("ScienceQA", "\nB", FOUR, "B", INCORRECT, LLAVA),
    Quirk("ScienceQA", "B\nBecause", FOUR, "B", CORRECT, LLAVA),
    Quirk("ScienceQA", "b", FOUR, "B", INCORRECT, LLAVA),
    Quirk("ScienceQA", "(B)", FOUR, "B", INCORRECT, LLAVA),
    Quirk("ScienceQA", "The answer is DNA", FOUR, "D", CORRECT, LLAVA),
    Quirk("ScienceQA", "The answer is A, no. The answer is B.", FOUR, "B", CORRECT, LLAVA),
    Quirk("ScienceQA", "The answer is A. The answer is B.", FOUR, "A", CORRECT, LLAVA),
    Quirk("ScienceQA", "E", FOUR, "D", INCORRECT, LLAVA),
    Quirk("ScienceQA", "FAILED", FOUR, "A", INCORRECT, LLAVA),
    Quirk("AI2D", " B. three", FOUR, "B", CORRECT, AI2D),
    Quirk("AI2D", "(b)", FOUR, "B", CORRECT, AI2D),
    Quirk("AI2D", "( B )", FOUR, "B", INCORRECT, AI2D),
    Quirk("AI2D", "b. three", FOUR, "B", INCORRECT, AI2D),
    Quirk("AI2D", "B: three", FOUR, "B", INCORRECT, AI2D),
    Quirk("MathVista", "(E) 137", ANGLES, "A", CORRECT, SHIPPED),
    Quirk("MathVista", "E", ANGLES, "A", CORRECT, SHIPPED),
    Quirk("strict", "(E) 137", ANGLES, "A", UNPARSEABLE, OURS),
    Quirk("MathVista", "", ANGLES, "A", CORRECT, NORMALISE),
    Quirk("MathVista", "I see (c) and (d)", ANGLES, "C", CORRECT, NORMALISE),
    Quirk("MathVista", "c", ANGLES, "C", INCORRECT, NORMALISE),
    Quirk("MathVista", 'The answer is "122".', ANGLES, "D", CORRECT, EXTRACT),
    Quirk("MathVista integer", "2.9", OPEN, "2", CORRECT, NORMALISE),
    Quirk("strict integer", "2.9", OPEN, "2", INCORRECT, OURS),
    Quirk("MathVista integer", "1e3", OPEN, "1000", CORRECT, NORMALISE),
    Quirk("MathVista integer", "There are 4.", OPEN, "4", INCORRECT, EXTRACT),
    Quirk("strict integer", "There are 4.", OPEN, "4", CORRECT, OURS),
    Quirk("MathVista integer", 'The answer is "4".', OPEN, "4", CORRECT, EXTRACT),
    Quirk("MathVista integer", "infinity", OPEN, "4", INCORRECT, NORMALISE),
    Quirk("MathVista float", "1.24", OPEN, "1.2", CORRECT, NORMALISE),
    Quirk("MathVista float", "1", OPEN, "1.0", CORRECT, NORMALISE),
    Quirk("MathVista float", "1", OPEN, "1", INCORRECT, NORMALISE),
    Quirk("strict float", "1", OPEN, "1.0", CORRECT, OURS),
    Quirk("MathVista list", "[0,2,1]", OPEN, "[0, 2, 1]", INCORRECT, NORMALISE),
    Quirk("strict list", "[0,2,1]", OPEN, "[0, 2, 1]", CORRECT, OURS),
    Quirk("MME", "I know", YES_NO, "B", INCORRECT, CALCULATION),
    Quirk("MME", "know", YES_NO, "B", CORRECT, CALCULATION),
    Quirk("MME", "not sure", YES_NO, "B", CORRECT, CALCULATION),
    Quirk("MME", " Yes", YES_NO, "A", CORRECT, CALCULATION),
    Quirk("MME", "  Yes", YES_NO, "A", INCORRECT, CALCULATION),
    Quirk("MME", "Well, yes", YES_NO, "A", INCORRECT, CALCULATION),
    Quirk("MME", "YES, NO", YES_NO, "A", CORRECT, CALCULATION),
    Quirk("strict yes or no", "know", YES_NO, "B", UNPARSEABLE, OURS),
    Quirk("strict yes or no", "not sure", YES_NO, "B", UNPARSEABLE, OURS),
    Quirk("strict yes or no", "Well, yes", YES_NO, "A", CORRECT, OURS),
    Quirk("strict yes or no", "Yes and no", YES_NO, "A", UNPARSEABLE, OURS),
    Quirk("strict yes or no", "I have no idea", YES_NO, "B", UNPARSEABLE, OURS),
]


@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: f"{quirk.rule}: {quirk.text!r}")
def test_each_rule_marks_as_its_source_does(quirk: Quirk) -> None:
    """A published rule is kept with its quirks, and the strict one has none of them."""
    sample = Sample(id="s", dimension="d", question="", options=quirk.options, target=quirk.target)

    score = RULES[quirk.rule](sample, Answer(sample="s", text=quirk.text))

    assert score.mark is quirk.mark, quirk.source
