import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Answer, Mark, Sample
from pytest_mmbench.scorers.choice import StrictChoice, read_answer, read_choice

OPTIONS = ("two", "three", "four", "a dog")


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"),
        ("b", "B"),
        (" (B). ", "B"),
        ("**B**", "B"),
        ("three", "B"),
        ("Three.", "B"),
        ("B: three", "B"),
        ("B. three", "B"),
        ("\uff22", "B"),
        ("a dog", "D"),
        ("The answer is C.", "C"),
        ("The answer is C which I can see.", "C"),
        ("Answer: (C)", "C"),
        ("The answer is D because A is too small.", "D"),
        ("A dog is on the left, so the correct answer is C.", "C"),
        ("It could be two. Or four. Final answer: three", "B"),
        ("The answer is A. No, wait. The answer is B.", "B"),
        ("I choose option C", "C"),
        ("B. Because there are not enough corners.", "B"),
        ("I would say (C) here.", "C"),
        ("There are three of them.", "B"),
        ("It is not two but three.", "B"),
        ("**Answer:** B", "B"),
        ("**Answer**: B", "B"),
        ("First two, then four.\n\n### Final Answer\n\n(B) three", "B"),
        ("The final answer is $\\boxed{B}$.", "B"),
        ("\\boxed{\\text{three}}", "B"),
        ("<think>A? Or C?</think>\n\nB", "B"),
        ("<answer>\nB\n</answer>", "B"),
        ("The answer to the question is B.", "B"),
        ("Therefore the correct option is B.", "B"),
        ("Option A is wrong. Option B is correct.", "B"),
        ("B is the correct answer.", "B"),
        ("The answer is A, not B.", "A"),
        ("The answer is D, a dog.", "D"),
        ("The answer is not C but D.", "D"),
        ("Between A and B I choose B.", "B"),
        ("The correct answer is C. Choice B is wrong because it shows two.", "C"),
        ("Answer B is incorrect, C is correct.", "C"),
        ("I don't think B is correct. C is correct.", "C"),
        ("The answer is most likely B.", "B"),
        ("The most suitable option is B.", "B"),
        ("Therefore, B is the answer.", "B"),
        ("B\n\nExplanation: A is wrong since two does not fit.", "B"),
        ("B because two is wrong.", "B"),
        ("The shape has two sides.\n\nB", "B"),
        ("The shape has two sides.\n\n**B. three**", "B"),
        ("A. two\nB. three\nC. four\n\nB", "B"),
        ("Option B", "B"),
        ("- B", "B"),
        ("B - three", "B"),
        ("It is not (A) but (C).", "C"),
        ("Answer: 'B'", "B"),
        ("The answer is \u201cB\u201d.", "B"),
        ("\\(\\boxed{\\mathbf{B}}\\)", "B"),
        ("$B$", "B"),
        ("It has two sides. <|begin_of_box|>B<|end_of_box|>", "B"),
        ("<CONCLUSION> B </CONCLUSION>", "B"),
        ("<think>two, or B. <answer>C</answer>", "C"),
        ("\u25c1think\u25b7A?\u25c1/think\u25b7B", "B"),
    ],
)
def test_it_reads_what_the_text_settles_on(text: str, letter: str) -> None:
    """Letters, option texts and stated answers are read, articles are not."""
    assert read_choice(text, OPTIONS) == letter


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "I cannot see the picture.",
        "a photo of something",
        "because",
        "It is two or three.",
        "A. 12\nB. 13\nHard to say.",
        "(A) or (B)",
        "B: four",
        "E",
        "nan",
        "It is not two.",
        "The answer isn't two.",
        "The answer is B or C.",
        "The answer is A or B.",
        "The answer is A/B.",
        "Answer: (A), (B)",
        "Answer: B. No, the answer is B and C.",
        "Option A is wrong.",
        "A is correct. B is correct.",
        "<think>The answer is B.</think>",
        "<think>The answer is B. Or is it",
        "<thinking>The answer is B",
        "not A",
        "Not (A).",
        "(B) is wrong.",
        "I can't choose (B).",
        "Answer B cannot be right.",
        "The answer is either B, or possibly C.",
        "Answer: (B)(C)",
        "Answer: B. two",
        "B two",
        "Neither B nor C is correct.",
        "B or C is correct.",
        "Only one of A, B, C, D is correct.",
        "I doubt that B is correct.",
        "Is the answer B? No.",
        "I don't know whether the answer is B.",
        "The answer is something other than two.",
        "It cannot be three.",
        "I can't say if there are two.",
        "A. two\nB. three\nC. four\nD. a dog",
        "Let me see.\nA. two\nB. three",
    ],
)
def test_it_guesses_nothing(text: str) -> None:
    """A text that settles on no option is unreadable."""
    assert read_choice(text, OPTIONS) == ""


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("\u7b54\u6848\u662fB\u3002", "B"),
        ("\u6b63\u786e\u7b54\u6848\uff1aC", "C"),
        ("\u6211\u9009\u62e9B\u3002\u56e0\u4e3aA\u4e0d\u5bf9\u3002", "B"),
        ("\u9009\u9879B\u662f\u6b63\u786e\u7684", "B"),
        ("\u9009\u9879B\u3002", "B"),
        ("B\u3001three", "B"),
        ("\uff08\uff22\uff09", "B"),
        ("\u6b63\u89e3\u306fC\u3067\u3059\u3002", "C"),
        ("\u7b54\u3048\u306f\u300cB\u300d\u3067\u3059", "B"),
        ("B\u3067\u3059\u3002", "B"),
        ("\u7b54\u6848\u4e0d\u662fB", ""),
        ("\u4e0d\u9009B", ""),
        ("\u9009\u9879B\u4e0d\u6b63\u786e", ""),
        ("\u7b54\u6848B\u9519\u8bef", ""),
    ],
)
def test_it_reads_chinese_and_japanese(text: str, letter: str) -> None:
    """A letter stands by itself between words that know no blanks, and may be denied there."""
    assert read_choice(text, OPTIONS) == letter


@pytest.mark.parametrize(
    ("text", "options", "letter"),
    [
        ("It is dark red.", ("red", "dark red", "blue"), "B"),
        ("It is not dark red but red.", ("red", "dark red", "blue"), "A"),
        ("There are 10.5 of them.", ("10", "5", "12"), ""),
        ("There are 10.5 of them.", ("10", "10.5", "5"), "B"),
        ("It is -5 there.", ("5", "10"), ""),
        ("It is -5 there.", ("5", "-5"), "B"),
        ("About 1,500 are left.", ("500", "1"), ""),
        ("It takes 1/2 of it.", ("1", "2"), ""),
        ("The angle is $45^\\circ$.", ("30\u00b0", "45\u00b0"), "B"),
        ("The answer is $45^{\\circ}$.", ("30", "45"), "B"),
    ],
)
def test_a_part_of_something_else_is_no_option(
    text: str, options: tuple[str, ...], letter: str
) -> None:
    """An option is not named by a longer one, or by a number of which it is a part."""
    assert read_choice(text, options) == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [("A", "A"), ("(A)", "A"), ("A. D", "A"), ("The answer is A.", "A"), ("B", "B"), ("E", "")],
)
def test_options_that_are_letters_themselves(text: str, letter: str) -> None:
    """A is the first option, and not the one whose text is A."""
    assert read_choice(text, ("D", "C", "B", "A")) == letter


@given(st.sampled_from("ABCD"), st.permutations("ABCD"), st.sampled_from(["{}", "({})", "{}."]))
def test_a_letter_means_the_option_lettered_so(letter: str, options: list[str], form: str) -> None:
    """Whatever letters the options are, and in whatever order."""
    assert read_choice(form.format(letter), options) == letter


CONCLUSIONS = [
    "The letter of the correct option is {}",
    "Correct option letter: ({})",
    "Therefore, the correct option letter is {}.",
    "Therefore, the option letter is ({}), as its sides are equal.",
    "Answer: \\( {} \\)",
    "Answer: $\\mathbf{{{}}}$",
    "Answer: \\(\\text{{({})}}\\)",
    "Final Answer: \\[\\boxed{{\\textbf{{({})}}}}\\]",
    "Answer: `{}`",
    "The answer is **{}**.",
    "<|begin_of_box|>{}<|end_of_box|>",
    '{{"answer": "{}", "confidence": 0.9}}',
    "Best option: {}",
    "The shape is best described by option {}.",
    "I'd go with {}",
    "Let's choose ({}).",
    "So it has to be {}.",
    "Hence ({}).",
    "The one that does not belong is {}.",
    "The option which is not shown is ({}).",
    "The answer is {}.\nQuestion: How many are left?\nThe answer is: B",
    "{}\n\nHow many are left?\nA. one\nB. two\nAnswer: B",
    "A is too dark. B is too dark. D is too dark. Therefore, the right tile is tile {}.",
    "<s> {}",
    "{}</s>",
    "{}<|im_end|>",
    "[THINK]B? Yes, B.[/THINK]{}",
    "The third panel ({}) is most similar to the first panel (A).",
    "Tile {} is larger than tile A.",
    "Compared to A, {} is larger.",
    "Step 1: \\boxed{{A}}\nStep 2: \\boxed{{{}}}",
    "The answer is ({}) B and D taken together.",
    "Answer: ({}) A, B",
    "\u6545\u9009{}",
]


@pytest.mark.parametrize("form", CONCLUSIONS)
@pytest.mark.parametrize(
    "options",
    [
        ("red kite", "blue whale", "green frog", "grey owl"),
        ("12", "15", "18.5", "20"),
        tuple("DABC"),
    ],
)
def test_a_conclusion_is_read_whatever_the_options_are(form: str, options: list[str]) -> None:
    """Markup, phrases, comparisons, special tokens and invented questions hide no letter."""
    assert read_choice(form.format("C"), options) == "C"


@pytest.mark.parametrize(
    ("text", "options", "letter"),
    [
        (
            "The correct answer is (D) r < s < t.",
            ("s < r < t", "t < s < r", "r < t < s", "r < s < t"),
            "D",
        ),
        ("D) r < s < t.", ("s < r < t", "t < s < r", "r < t < s", "r < s < t"), "D"),
        ("Answer: (B) C, A, D", ("A, C, D", "C, A, D", "D, C, A"), "B"),
        ("The answer is (A) Plan B.", ("Plan C", "Plan A"), "A"),
        (
            "The correct option letter is (D) 4 \u221a3.",
            ("4", "3", "\u221a3", "$4 \\sqrt{3}$"),
            "D",
        ),
        ("The second panel (option B) shows it.", ("the first panel", "the second panel"), "B"),
        ("The second panel (C) shows it.", ("the first panel", "the second panel"), "B"),
        ("The second panel (A) shows it.", ("the first panel", "the second panel"), ""),
        ("It moves to the right. This is so since the wall moves left.", ("left", "right"), "B"),
        ("Box B is tighter, while Box A cuts it.", ("Box A", "Box B"), "B"),
        ("A red kite.", ("blue", "red kite"), "B"),
    ],
)
def test_letters_and_texts_side_by_side(text: str, options: tuple[str, ...], letter: str) -> None:
    """A letter with its own text behind it is one answer; beside another option's it is none."""
    assert read_choice(text, options) == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("$\\boxed{18.5}$", "C"),
        ("x = \\boxed{18.50} cm", "C"),
        ("\\boxed{x = \\frac{37}{2}\\text{ cm}}", "C"),
        ("Therefore 12 + 6.5 = 18.5.", "C"),
        ("The answer is $18.5 \\, \\mathrm{cm}$.", "C"),
        ("From 12 we get \\boxed{15}.", "B"),
        ("From 12 we get 13.", ""),
        ("First \\boxed{15}, so it is \\boxed{13}.", "-"),
        ("\\boxed{13}", "-"),
        ("The answer is 13.", "-"),
        ("\\boxed{13}\n\n(B)", "B"),
        ("The answer is (B) \\boxed{13}.", "B"),
        ("\\boxed{A, B}", ""),
        ("It is 12 at first.\nSo x = 160. None of the options match.", ""),
        ("The answer is not among the options.", ""),
    ],
)
def test_a_value_is_an_option_or_outside_of_them(text: str, letter: str) -> None:
    """A stated value that no option has is an incorrect answer, and not an unparseable one."""
    sample = Sample(
        id="s", dimension="d.e", question="q", options=("12", "15", "18.5", "20"), target="A"
    )

    score = StrictChoice()(sample, Answer(sample="s", text=text))

    assert score.mark is (Mark.INCORRECT if letter else Mark.UNPARSEABLE)
    assert letter in (score.answer, "-")
    assert read_choice(text, sample.options) == letter.strip("-")


@pytest.mark.parametrize(
    ("said", "option"),
    [
        ("\\frac{3 \\pi}{2}", "$\\frac{3\\pi}{2}$"),
        ("\\dfrac12", "1/2"),
        ("3 \\sqrt{2}", "$3\\sqrt2 \\mathrm{~cm}$"),
        ("2\\cos{\\frac{1}{2}}", "$2\\cos\\frac12$"),
        ("72^\\circ", "$72^{\\circ}$"),
        ("10,404", "$10{,}404$"),
        ("60 \\text{ m}^2", "$60 \\mathrm{~m}^{2}$"),
        ("60 m\u00b2", "$60 \\mathrm{~m}^{2}$"),
    ],
)
def test_values_are_equal_however_they_are_written(said: str, option: str) -> None:
    """Fonts, blanks, units and forms of fractions do not hide that a value is an option's."""
    assert read_choice(f"So we get $\\boxed{{{said}}}$.", ("7", option, "9")) == "B"


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("The answer is A. Wait, actually, it is B.", "B"),
        ("The answer is (A) red kite.\n\nHmm, wait. The tail is a fluke, so it should be B.", "B"),
        ("The answer is B: blue whale. Hold on, it has legs. It's C: green frog.", "C"),
        ("Option A. Correction: option C.", "C"),
        ("I see a red kite. Let me reconsider. It is a green frog.", "C"),
        ("So it is A. Wait, let me double-check. It has wings and a tail. Yes.", "A"),
        ("So it is A. Wait, the blue whale or the green frog.", ""),
        ("\u7b54\u6848\u662fA\u3002\u7b49\u7b49\uff0c\u5e94\u8be5\u662fC\u3002", "C"),
        ("People wait for the bus. The answer is B.", "B"),
    ],
)
def test_what_a_text_takes_back_is_not_read(text: str, letter: str) -> None:
    """The reading follows the last correction, and nothing is left if that settles on none."""
    assert read_choice(text, ("red kite", "blue whale", "green frog")) == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("The answer is B. If it had legs, the answer would be C.", "B"),
        ("Had there been wings, the correct answer would be A.", ""),
        ("Some might think of the red kite. It is the blue whale.", "B"),
        ("Initially I chose the red kite. After a closer look it is a green frog.", "C"),
        ("If I had to guess, the answer would be C.", ""),
        ("If I had to choose one, I would select C.", "C"),
        ("Given the fluke, the answer would be B.", "B"),
    ],
)
def test_what_would_be_so_is_no_answer(text: str, letter: str) -> None:
    """What holds under another condition, or might be thought, is not what the text says."""
    assert read_choice(text, ("red kite", "blue whale", "green frog")) == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("The options are:\nA. red kite\nB. blue whale\nC. green frog\n\nIt is a green frog.", "C"),
        (
            "- Red kite: a tail\n- Blue whale: a fluke\n- Green frog: legs\n\nIt is a blue whale.",
            "B",
        ),
        ("Let's see:\nA. red kite - wrong.\nB. blue whale - wrong.\nC. green frog - fits.", ""),
        ("It is not a red kite, a blue whale or so. It is a green frog.", "C"),
        ("The animals A, B and C are known. A red kite or something else is seen.", ""),
    ],
)
def test_a_list_of_the_options_concludes_nothing(text: str, letter: str) -> None:
    """What is said of the options one by one is not what the text settles on."""
    assert read_choice(text, ("red kite", "blue whale", "green frog")) == letter


@pytest.mark.parametrize(
    ("text", "options", "letter"),
    [
        ("\\boxed{\\frac{a+b}{2}}", ("2(a+b)", "a+b"), "-"),
        ("The answer is (A) $\\boxed{\\frac{a+b}{2}}$.", ("0.5(a+b)", "a+b"), "A"),
        ("\\boxed{\\sqrt{\\frac{1}{2}}}", ("$\\frac{1}{2}$", "2"), "-"),
        ("\\boxed{3(x+2)}", ("x+2", "x"), "-"),
        ("15^2", ("15", "225"), ""),
        ("More than 15 are seen.", ("15", "16"), ""),
        ("18 or more", ("18", "19"), ""),
        ("The correct option is B (15).", ("15", "16"), ""),
        ("The correct option is B (16).", ("15", "16"), "B"),
        ("The number is 15, not 16.", ("15", "16"), "A"),
        ("There are four dogs.", ("3", "4"), "B"),
        ("A = 3 \u00d7 4 = 12. But we need half of it: 6.", ("12", "6"), "B"),
        ("A = 3 \u00d7 4 = 12\n\nBut we need half of it: 6.", ("12", "6"), "B"),
        ("It is about 12.2, i.e. 12.", ("6", "9", "12", "15", "18"), "C"),
        ("Option A would require a smaller crowd. Option B matches.", ("3", "4"), "B"),
        ("Upper right", ("right", "top right"), ""),
        ("It is on the right.", ("right", "top right"), "A"),
        ("Thus angle B equals 90\u00b0.", ("60\u00b0", "45\u00b0", "90\u00b0"), "C"),
        ("None of the options fits.", ("3", "4", "None of the above"), "C"),
        ("It cannot be determined from the picture.", ("Yes", "No", "Cannot be determined"), "C"),
        ("{'final_answer': 'B'}", ("3", "4"), "B"),
    ],
)
def test_more_or_less_than_an_option_is_not_it(
    text: str, options: tuple[str, ...], letter: str
) -> None:
    """A term is no part of a longer one, a bound no number; to find none may be an option."""
    reading = read_answer(text, options)

    assert (reading.letter or "-" * bool(reading.outside)) == letter


@pytest.mark.parametrize(
    "text",
    [
        "First, consider the red kite. It has a long tail and",
        "A: 10 %, B: 70 %, C: 20 %",
        "Options:\nA. red kite\nB. blue whale\nC. green frog\n\nIt stands in the sun.",
        "Neither the red kite nor the blue whale is seen.",
        "The red kite and the blue whale are seen.",
        "Red kite: no. Blue whale: no.",
        "A and C are both correct.",
        "The answer is either A or B.",
        "Thus, the correct answers are (A) and (C).",
        "A red kite has wings. It cannot be determined what this is.",
        "I'm sorry, I can't help with that.",
    ],
)
def test_no_conclusion_is_drawn_for_a_model(text: str) -> None:
    """Lists, denials, two answers and texts that were cut short settle on nothing."""
    assert read_choice(text, ("red kite", "blue whale", "green frog")) == ""


@given(st.text(max_size=200), st.lists(st.text(max_size=12), min_size=1, max_size=9))
def test_it_never_raises_and_answers_with_a_letter_or_nothing(
    text: str, options: list[str]
) -> None:
    """Whatever a model says, the reading is one of the letters, or empty."""
    assert read_choice(text, options) in ("", *"ABCDEFGHI"[: len(options)])


@given(st.sampled_from(OPTIONS), st.permutations(OPTIONS), st.sampled_from(["{}", "{}.", " {} "]))
def test_permuted_options_permute_the_reading(text: str, options: list[str], form: str) -> None:
    """A text that names an option by its words follows that option to its new place."""
    letter = read_choice(form.format(text), options)

    assert options["ABCD".index(letter)] == text


@given(
    st.text(alphabet="ABCD the answer is.,():\n three four dog", max_size=60),
    st.sampled_from([str.upper, str.lower, lambda text: f"\n {text}\t"]),
)
def test_case_and_white_space_change_nothing(text: str, change: object) -> None:
    """The reading is the same in capitals, in small letters and with white space around it."""
    assert callable(change)

    assert read_choice(change(text), OPTIONS) == read_choice(text, OPTIONS)


@pytest.mark.parametrize(
    ("text", "mark"),
    [("three", Mark.CORRECT), ("two", Mark.INCORRECT), ("no idea", Mark.UNPARSEABLE)],
)
def test_unreadable_is_not_wrong(text: str, mark: Mark) -> None:
    """Right, wrong and unreadable are told apart."""
    sample = Sample(id="s", dimension="d.e", question="q", options=OPTIONS, target="B")

    assert StrictChoice()(sample, Answer(sample="s", text=text)).mark is mark
