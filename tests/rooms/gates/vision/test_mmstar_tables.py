"""The published tables of MMStar, recomputed from their own inputs, and where they slip."""

import math
from statistics import fmean
from typing import Any

import pytest
from views import MMSTAR, scored, vision_of

from pytest_mmbench.gates.vision.measures import Vision

SIX = ("MMMU", "MMB", "ScienceQA", "AI2D", "SEED", "MathVista")
SEVEN = (*SIX, "MMStar")
CORES = ("CP", "FP", "IR", "LR", "ST", "MA")
SCORES = {(row["model"], row["asked"]): row for row in MMSTAR["on_six_benchmarks"]["rows"]}
GAINS = {row["model"]: row for row in MMSTAR["gain_and_leakage"]["rows"]}
TEXT_MODELS = {row["model"]: row for row in MMSTAR["llms_on_mmstar_2_shot"]["rows"]}
ON_MMSTAR = {row["model"]: row for row in MMSTAR["on_mmstar"]["rows"]}
LLMS = {model.removesuffix(" (low)"): row["llm"] for model, row in ON_MMSTAR.items()}
ZERO_SHOT = {row["model"]: row for row in MMSTAR["llms_0_shot"]["rows"]}
SLIPS = {"Qwen-VL-Chat"}
"""Whose leakage on MMStar does not follow from the tables."""


def printed(share: float) -> float:
    """In percent with one decimal, as the paper prints."""
    return round(100 * share, 1)


def vision(with_image: float, without_image: float, llm_text: float) -> Vision:
    """A thousand samples with these scores, which are percentages with one decimal."""
    right = [round(10 * score) for score in (with_image, without_image, llm_text)]
    return vision_of(scored(1000, with_image=right[0], without_image=right[1], llm_text=right[2]))


def on_mmstar(row: dict[str, Any]) -> Vision:
    """What a row of the table on MMStar was computed from; its text-only score is Avg - MG."""
    text = TEXT_MODELS[row["llm"]]["Avg"]
    return vision(row["Avg"], round(row["Avg"] - row["MG"], 1), text)


@pytest.mark.parametrize("benchmark", SIX)
@pytest.mark.parametrize("model", GAINS)
def test_gain_and_leakage_of_six_benchmarks(model: str, benchmark: str) -> None:
    """All 192 numbers follow from the scores with and without the picture, and of the LLM."""
    found = vision(*(SCORES[model, how][benchmark] for how in (
        "with_image", "without_image", "llm_text"
    )))  # fmt: skip

    assert printed(found.gain) == GAINS[model]["MG"][benchmark]
    assert found.leakage == pytest.approx(GAINS[model]["ML"][benchmark] / 100, abs=1e-9)


@pytest.mark.parametrize(
    "model", [model for model, row in ON_MMSTAR.items() if row["llm"] in TEXT_MODELS]
)
def test_gain_and_leakage_on_mmstar(model: str) -> None:
    """A row's leakage follows from its own score, its gain, and the LLM's row, but for one."""
    row = ON_MMSTAR[model]

    found = on_mmstar(row)

    assert printed(found.gain) == row["MG"]
    assert (found.leakage == pytest.approx(row["ML"] / 100, abs=1e-9)) == (model not in SLIPS)


def test_the_readmes_example() -> None:
    """LLaVA-Next-34B: 52.1, 22.7 and 20.3 make a gain of 29.4 and a leakage of 2.4."""
    (row,) = MMSTAR["readme"]["rows"]

    found = vision(row["with_image"], row["without_image"], row["llm_text"])

    assert printed(found.gain) == row["MG"] == ON_MMSTAR["LLaVA-Next"]["MG"]
    assert found.leakage == pytest.approx(row["ML"] / 100)
    assert row["ML"] == ON_MMSTAR["LLaVA-Next"]["ML"]


@pytest.mark.parametrize("model", GAINS)
def test_averages_over_benchmarks(model: str) -> None:
    """The last columns are plain means over the six benchmarks and MMStar."""
    for measure in ("MG", "ML"):
        mean = fmean(GAINS[model][measure][benchmark] for benchmark in SEVEN)
        assert GAINS[model][measure]["Avg"] == pytest.approx(mean, abs=0.0501)


@pytest.mark.parametrize("row", [*ON_MMSTAR.values(), *TEXT_MODELS.values()], ids=str)
def test_averages_over_cores(row: dict[str, Any]) -> None:
    """A score on MMStar is the mean of the six capabilities, which are equally large."""
    assert row["Avg"] == pytest.approx(fmean(row[core] for core in CORES), abs=0.0501)


def test_refusals_make_the_largest_leakage() -> None:
    """Monkey-Chat's 17.6 points are 24.8, which is chance, less an LLM that says nothing."""
    row = ON_MMSTAR["Monkey-Chat"]
    chance = MMSTAR["llms_on_mmstar_2_shot"]["random_choice"]["Avg"]

    found = on_mmstar(row)

    assert max(each["ML"] for each in ON_MMSTAR.values()) == row["ML"] == 17.6
    assert printed(found.without_image) == pytest.approx(chance, abs=0.2 + 1e-9)
    assert printed(found.chance) == 25.0
    assert found.leakage_above_chance == 0.0


def test_slip_a_leakage_that_the_formula_does_not_give() -> None:
    """Qwen-VL-Chat: 13.6 unseen less 7.2 of Qwen-7B is 6.4, and both tables print 0.0."""
    row = ON_MMSTAR["Qwen-VL-Chat"]

    assert on_mmstar(row).leakage == pytest.approx(0.064)
    assert row["ML"] == GAINS["Qwen-VL-Chat"]["ML"]["MMStar"] == 0.0


def test_slip_two_tables_that_disagree() -> None:
    """Monkey-Chat leaks 17.6 in one table and 11.1 in the other, whose mean uses the latter."""
    assert ON_MMSTAR["Monkey-Chat"]["ML"] == 17.6
    assert GAINS["Monkey-Chat"]["ML"]["MMStar"] == 11.1
    # One other score of Qwen-7B, 13.7, would explain this and the 0.0 of Qwen-VL-Chat.
    assert vision(38.3, 24.8, 13.7).leakage == pytest.approx(0.111)
    assert vision(37.5, 13.6, 13.7).leakage == 0.0
    assert TEXT_MODELS["Qwen-7B"]["Avg"] == 7.2


def test_slip_an_average_of_one_row() -> None:
    """LLaVA-Next's LLM has 37.2 where its six scores make 40.0; every other average is right."""
    wrong = [
        key
        for key, row in SCORES.items()
        if not math.isclose(fmean(row[each] for each in SIX), row["Avg"], abs_tol=0.0501)
    ]

    assert wrong == [("LLaVA-Next", "llm_text")]
    row = SCORES["LLaVA-Next", "llm_text"]
    assert (round(fmean(row[each] for each in SIX), 1), row["Avg"]) == (40.0, 37.2)
    same_llm = SCORES["InternVL-Chat-V1.2", "llm_text"]
    assert {each: row[each] for each in SIX} == {each: same_llm[each] for each in SIX}
    assert same_llm["Avg"] == 40.0


def test_slip_averages_over_models() -> None:
    """The bottom row is cut off in some columns and rounded up in others: off by up to 0.1."""
    off = {
        (measure, benchmark)
        for measure, row in MMSTAR["gain_and_leakage"]["average_of_models"].items()
        for benchmark in SEVEN
        if round(fmean(each[measure][benchmark] for each in GAINS.values()), 1) != row[benchmark]
    }

    assert off >= {("MG", "MMB"), ("ML", "MMMU"), ("ML", "ScienceQA")}
    for measure, row in MMSTAR["gain_and_leakage"]["average_of_models"].items():
        for benchmark in SEVEN:
            mean = fmean(each[measure][benchmark] for each in GAINS.values())
            assert row[benchmark] == pytest.approx(mean, abs=0.11)


def test_slip_scores_that_no_250_samples_have() -> None:
    """Two rows have cores that are no multiples of 0.4, though each core has 250 samples."""
    rows = [*ON_MMSTAR.values(), *TEXT_MODELS.values()]

    odd = {row["model"] for row in rows for core in CORES if round(row[core] * 10) % 4}

    assert odd == {"GPT4V (high)", "InternLM2-20B"}


@pytest.mark.parametrize("model", [model for model in GAINS if LLMS[model] in ZERO_SHOT])
def test_the_llms_scores_are_those_of_its_own_table(model: str) -> None:
    """Text-only scores of base models are the 0-shot scores listed for the LLM itself."""
    scores = {each: SCORES[model, "llm_text"][each] for each in SIX}

    assert scores == {each: ZERO_SHOT[LLMS[model]][each] for each in SIX}
