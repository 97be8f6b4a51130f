"""What published rules make of answers, one quirk a line, and the strict reading beside them."""

from typing import NamedTuple

import pytest

from pytest_mmbench.protocols import Scorer
from pytest_mmbench.records import Answer, Mark, Sample
from pytest_mmbench.scorers.ai2d import FilteredLetter
from pytest_mmbench.scorers.choice import StrictChoice
from pytest_mmbench.scorers.mathvista import AnswerType, ExpectedAnswer, NearestChoice, TypedOpen
from pytest_mmbench.scorers.mixed import Mixed
from pytest_mmbench.scorers.mmmu import MMMUChoice, MMMUOpen
from pytest_mmbench.scorers.mmstar import PrefixChoice
from pytest_mmbench.scorers.open_answer import StrictOpen
from pytest_mmbench.scorers.scienceqa import BareLetter, LlavaChoice
from pytest_mmbench.scorers.seedbench import FirstCharacter
from pytest_mmbench.scorers.typed import StrictTyped
from pytest_mmbench.scorers.vlmevalkit import InferredChoice
from pytest_mmbench.scorers.yes_no import OpeningYesNo, StrictYesNo

RIGHT, WRONG, UNREADABLE = Mark.CORRECT, Mark.INCORRECT, Mark.UNPARSEABLE

WHOLE = {"s": ExpectedAnswer(type=AnswerType.INTEGER)}
TENTHS = {"s": ExpectedAnswer(type=AnswerType.FLOAT, precision=1)}
LISTS = {"s": ExpectedAnswer(type=AnswerType.LIST)}

RULES: dict[str, Scorer] = {
    "strict": Mixed(choice=StrictChoice(), open=StrictOpen()),
    "strict yes or no": StrictYesNo(),
    "strict integer": StrictTyped(wanted=WHOLE),
    "strict float": StrictTyped(wanted=TENTHS),
    "strict list": StrictTyped(wanted=LISTS),
    "MMStar": PrefixChoice(),
    "SEED-Bench": FirstCharacter(),
    "MMMU": Mixed(choice=MMMUChoice(), open=MMMUOpen()),
    "MMBench": InferredChoice(),
    "ScienceQA": LlavaChoice(),
    "ScienceQA lmms-eval": BareLetter(),
    "AI2D": FilteredLetter(),
    "MathVista": NearestChoice(),
    "MathVista integer": TypedOpen(wanted=WHOLE),
    "MathVista float": TypedOpen(wanted=TENTHS),
    "MathVista list": TypedOpen(wanted=LISTS),
    "MME": OpeningYesNo(),
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
LMMS = "lmms-eval tasks/scienceqa/utils.py, sqa_process_results"
AI2D = "lmms-eval tasks/ai2d/utils.py, and its metric exact_match"
EXTRACT = "MathVista evaluation/extract_answer.py"
NORMALISE = "MathVista evaluation/calculate_score.py"
SHIPPED = "MathVista results/instruct_blip2, pid 5"
CALCULATION = "MME eval_tool/calculation.py"
OURS = "multiple_choice, short_answer, yes_no, typed_answer"


class Quirk(NamedTuple):
    """An answer, and what becomes of it under a rule."""

    rule: str
    text: str
    options: tuple[str, ...]
    target: str
    mark: Mark
    source: str


QUIRKS = [
    Quirk("MMStar", "a photo of a dog", FOUR, "A", RIGHT, MMSTAR),
    Quirk("MMStar", "because", FOUR, "B", RIGHT, MMSTAR),
    Quirk("MMStar", "**B**", FOUR, "B", WRONG, MMSTAR),
    Quirk("MMStar", "", FOUR, "A", WRONG, MMSTAR),
    Quirk("MMStar", "nan", FOUR, "A", WRONG, MMSTAR),
    Quirk("strict", "a photo of something", FOUR, "A", UNREADABLE, OURS),
    Quirk("strict", "because", FOUR, "B", UNREADABLE, OURS),
    Quirk("strict", "**B**", FOUR, "B", RIGHT, OURS),
    Quirk("SEED-Bench", "A photo", FOUR, "A", RIGHT, SEED),
    Quirk("SEED-Bench", "Bananas", FOUR, "B", RIGHT, SEED),
    Quirk("SEED-Bench", " \nC. four", FOUR, "C", RIGHT, SEED),
    Quirk("SEED-Bench", "b", FOUR, "B", WRONG, SEED),
    Quirk("SEED-Bench", "(B)", FOUR, "B", WRONG, SEED),
    Quirk("SEED-Bench", "", FOUR, "A", WRONG, SEED),
    Quirk("MMMU", "A dog, I think", FOUR, "A", RIGHT, MMMU_CHOICE),
    Quirk("MMMU", "(A) or (B)? B", FOUR, "B", RIGHT, MMMU_CHOICE),
    Quirk("MMMU", "It is (A) and not B or C", FOUR, "A", RIGHT, MMMU_CHOICE),
    Quirk("MMMU", "A or B or C", FOUR, "C", RIGHT, MMMU_CHOICE),
    Quirk("MMMU", "'B.'", FOUR, "B", RIGHT, MMMU_CHOICE),
    Quirk("MMMU", "I can see that there are THREE", FOUR, "B", RIGHT, MMMU_CHOICE),
    Quirk("MMMU", "it was two and then it was four", FOUR, "C", RIGHT, MMMU_CHOICE),
    Quirk("strict", "it was two and then it was four", FOUR, "C", UNREADABLE, OURS),
    Quirk("MMMU", "Not a dog", OPEN, "dog", RIGHT, MMMU_OPEN),
    Quirk("MMMU", "hotdogs", OPEN, "dog", RIGHT, MMMU_OPEN),
    Quirk("strict", "Not a dog", OPEN, "dog", WRONG, OURS),
    Quirk("MMMU", "1,5", OPEN, "15", RIGHT, MMMU_OPEN),
    Quirk("strict", "1,5", OPEN, "15", UNREADABLE, OURS),
    Quirk("MMMU", "about 0.001", OPEN, "0.004", RIGHT, MMMU_OPEN),
    Quirk("strict", "about 0.001", OPEN, "0.004", WRONG, OURS),
    Quirk("MMMU", "3 or 4 or 5", OPEN, "4", RIGHT, MMMU_OPEN),
    Quirk("strict", "3 or 4 or 5", OPEN, "4", UNREADABLE, OURS),
    Quirk("MMMU", "This 4 it says", OPEN, "4", RIGHT, MMMU_OPEN),
    Quirk("MMMU", "It is 4. The rest is noise", OPEN, "4", WRONG, MMMU_OPEN),
    Quirk("MMMU", "x = 5\nso it is done", OPEN, "5", WRONG, MMMU_OPEN),
    Quirk("MMMU", "it is done\nso x = 5", OPEN, "5", RIGHT, MMMU_OPEN),
    Quirk("MMMU", "max", OPEN, "x", WRONG, MMMU_OPEN),
    Quirk("MMMU", "the x axis", OPEN, "x", RIGHT, MMMU_OPEN),
    Quirk("MMMU", "infinity", OPEN, "inf", RIGHT, MMMU_OPEN),
    Quirk("MMBench", "The letter is B", FOUR, "B", RIGHT, INFER),
    Quirk("MMBench", "B, as far as I can see", FOUR, "B", WRONG, INFER),
    Quirk("MMBench", "A dog", FOUR, "A", RIGHT, INFER),
    Quirk("MMBench", "a dog", FOUR, "D", RIGHT, INFER),
    Quirk("MMBench", "b", FOUR, "B", WRONG, INFER),
    Quirk("MMBench", "the correct ANSWER is **c**, I would say", FOUR, "C", RIGHT, INFER),
    Quirk("MMBench", "Cannot determine the answer. B", FOUR, "B", WRONG, INFER),
    Quirk("MMBench", "Failed to obtain answer via API. B", FOUR, "B", WRONG, INFER),
    Quirk("MMBench", "threefold", FOUR, "B", RIGHT, INFER),
    Quirk("MMBench", "It is three, however often one counts them", FOUR, "B", WRONG, INFER),
    Quirk("MMBench", "A or B", FOUR, "A", WRONG, INFER),
    Quirk("ScienceQA", "B\n", FOUR, "B", RIGHT, LLAVA),
    Quirk("ScienceQA", "\nB", FOUR, "B", WRONG, LLAVA),
    Quirk("ScienceQA", "B\nBecause", FOUR, "B", RIGHT, LLAVA),
    Quirk("ScienceQA", "b", FOUR, "B", WRONG, LLAVA),
    Quirk("ScienceQA", "(B)", FOUR, "B", WRONG, LLAVA),
    Quirk("ScienceQA", "The answer is DNA", FOUR, "D", RIGHT, LLAVA),
    Quirk("ScienceQA", "The answer is A, no. The answer is B.", FOUR, "B", RIGHT, LLAVA),
    Quirk("ScienceQA", "The answer is A. The answer is B.", FOUR, "A", RIGHT, LLAVA),
    Quirk("ScienceQA", "E", FOUR, "D", WRONG, LLAVA),
    Quirk("ScienceQA", "FAILED", FOUR, "A", WRONG, LLAVA),
    Quirk("ScienceQA lmms-eval", " b\n", FOUR, "B", RIGHT, LMMS),
    Quirk("ScienceQA lmms-eval", "B. three", FOUR, "B", WRONG, LMMS),
    Quirk("AI2D", " B. three", FOUR, "B", RIGHT, AI2D),
    Quirk("AI2D", "(b)", FOUR, "B", RIGHT, AI2D),
    Quirk("AI2D", "( B )", FOUR, "B", WRONG, AI2D),
    Quirk("AI2D", "b. three", FOUR, "B", WRONG, AI2D),
    Quirk("AI2D", "B: three", FOUR, "B", WRONG, AI2D),
    Quirk("MathVista", "(E) 137", ANGLES, "A", RIGHT, SHIPPED),
    Quirk("MathVista", "E", ANGLES, "A", RIGHT, SHIPPED),
    Quirk("strict", "(E) 137", ANGLES, "A", UNREADABLE, OURS),
    Quirk("MathVista", "", ANGLES, "A", RIGHT, NORMALISE),
    Quirk("MathVista", "I see (c) and (d)", ANGLES, "C", RIGHT, NORMALISE),
    Quirk("MathVista", "c", ANGLES, "C", WRONG, NORMALISE),
    Quirk("MathVista", 'The answer is "122".', ANGLES, "D", RIGHT, EXTRACT),
    Quirk("MathVista integer", "2.9", OPEN, "2", RIGHT, NORMALISE),
    Quirk("strict integer", "2.9", OPEN, "2", WRONG, OURS),
    Quirk("MathVista integer", "1e3", OPEN, "1000", RIGHT, NORMALISE),
    Quirk("MathVista integer", "There are 4.", OPEN, "4", WRONG, EXTRACT),
    Quirk("strict integer", "There are 4.", OPEN, "4", RIGHT, OURS),
    Quirk("MathVista integer", 'The answer is "4".', OPEN, "4", RIGHT, EXTRACT),
    Quirk("MathVista integer", "infinity", OPEN, "4", WRONG, NORMALISE),
    Quirk("MathVista float", "1.24", OPEN, "1.2", RIGHT, NORMALISE),
    Quirk("MathVista float", "1", OPEN, "1.0", RIGHT, NORMALISE),
    Quirk("MathVista float", "1", OPEN, "1", WRONG, NORMALISE),
    Quirk("strict float", "1", OPEN, "1.0", RIGHT, OURS),
    Quirk("MathVista list", "[0,2,1]", OPEN, "[0, 2, 1]", WRONG, NORMALISE),
    Quirk("strict list", "[0,2,1]", OPEN, "[0, 2, 1]", RIGHT, OURS),
    Quirk("MME", "I know", YES_NO, "B", WRONG, CALCULATION),
    Quirk("MME", "know", YES_NO, "B", RIGHT, CALCULATION),
    Quirk("MME", "not sure", YES_NO, "B", RIGHT, CALCULATION),
    Quirk("MME", " Yes", YES_NO, "A", RIGHT, CALCULATION),
    Quirk("MME", "  Yes", YES_NO, "A", WRONG, CALCULATION),
    Quirk("MME", "Well, yes", YES_NO, "A", WRONG, CALCULATION),
    Quirk("MME", "YES, NO", YES_NO, "A", RIGHT, CALCULATION),
    Quirk("strict yes or no", "know", YES_NO, "B", UNREADABLE, OURS),
    Quirk("strict yes or no", "not sure", YES_NO, "B", UNREADABLE, OURS),
    Quirk("strict yes or no", "Well, yes", YES_NO, "A", RIGHT, OURS),
    Quirk("strict yes or no", "Yes and no", YES_NO, "A", UNREADABLE, OURS),
    Quirk("strict yes or no", "I have no idea", YES_NO, "B", UNREADABLE, OURS),
]


@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: f"{quirk.rule}: {quirk.text!r}")
def test_each_rule_marks_as_its_source_does(quirk: Quirk) -> None:
    """A published rule is kept with its quirks, and the strict one has none of them."""
    sample = Sample(id="s", dimension="d", question="", options=quirk.options, target=quirk.target)

    score = RULES[quirk.rule](sample, Answer(sample="s", text=quirk.text))

    assert score.mark is quirk.mark, quirk.source
