from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.scorers.number_answer import read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("There are three algorithms with accuracy lower than 8.", "3"),
        ("Okay, the range goes to 5 days\n\n10", "10"),
        ("From 7 and 8 we get 6.\nSo, there are 6 algorithms.", "6"),
        ("x = \\boxed{26} cm", "26"),
        ("Answer: 1,234.5", "1234.5"),
        ("$3.50", "3.50"),
        ("45%", "45"),
        ("1/2", "1/2"),
        ("\\frac{3}{4}", "3/4"),
        ("1.2 \u00d7 10^3", "1.2e3"),
        ("The answer is 12. Question: How many? The answer is 7", "12"),
        ("The age gap between these two people is 10 years.", "10"),
        ("There are 0 objects left after removing 3 cubes and 2 balls.", "0"),
        ("Two", "2"),
        ("**Three**", "3"),
        ("There is one bar that is larger than 70.", "1"),
        ("One", "1"),
        ("There is only one.", "1"),
        ("The sum of 5 and 7 is 12.", "12"),
        ("The difference between 7 and 3 is 4.", "4"),
        ("3 of the 8 circles are red.", "3"),
        ("Truman was born in 1884 and Marshall in 1880. So the age gap is 4 years.", "4"),
        ("The age gap is 4 years. Truman was born in 1884 and Marshall in 1880.", "4"),
        ("It costs $4.50 per kilogram.", "4.50"),
        ("The highest value is 90, which was reached in 2015.", "90"),
        ("In 2015 the value was 90.", "90"),
        ("about 5", "5"),
        ("at least 5", "5"),
        ("The picture shows 4 dogs and the answer is 4.", "4"),
        (
            "Step 1: the reds: 5.\nStep 2: the blues: 3.\nStep 3: 5 - 3 = 2.\nThere are 2 more.",
            "2",
        ),
        ("1. Red is 5.\n2. Blue is 3.\nTherefore, the difference is 2.", "2"),
        ("Sure! The answer to the question is 8.", "8"),
        ("The value of f(2) is 5.", "5"),
        ("f(2) = 5", "5"),
        ("Based on the graph, the smallest value is approximately 0.5.", "0.5"),
        ("So the length is $\\sqrt{2} \\approx 1.41$.", "1.41"),
        ("x \u2248 1.41", "1.41"),
        ("1.41 m/s^2", "1.41"),
        ("COVID-19 took 5 days.", "5"),
        ("The answer is 5!", "5"),
        ("twenty-five", "25"),
        ("one hundred and five", "105"),
        ("\u22125", "-5"),
        ("- 5", "5"),
        ("+5", "+5"),
        ("1 234 567", "1234567"),
        ("(5)", "5"),
        ("[5]", "5"),
        ("\\(5\\)", "5"),
        ("$5$", "5"),
        ("`5`", "5"),
        ('"5"', "5"),
        ("**5**.", "5"),
        ("5 \u00b0C", "5"),
        ("5\u00b0", "5"),
        ("$\\frac34$", "3/4"),
        ("5 km/h", "5"),
        ("5 cm\u00b2", "5"),
        ("x=5", "5"),
        ("x = -5.", "-5"),
        ("Total: 12 apples", "12"),
        ("Red: 5\nBlue: 3\nTotal: 8", "8"),
        ("So there are 4 cubes left. I hope this helps!", "4"),
        ("If we remove 3 of the 8 cubes, 5 cubes are left.", "5"),
        ("8 - 3 = 5", "5"),
        ("8-3=5 cubes", "5"),
        ("After subtracting 2 spheres from the 8 objects, there are 6 objects left.", "6"),
        ("The perimeter is 4 + 5 + 6 = 15 cm.", "15"),
        ("Answer: five", "5"),
        ("The missing number is 9.", "9"),
        ("He needs 5 dollars more.", "5"),
        ("Figure 3 shows 7 birds.", "7"),
        ("There are 12 people and 4 of them are children, so 8 are adults.", "8"),
        ("Yes, there are 5.", "5"),
        ("The answer is 3, not 5.", "3"),
        ("3.14159", "3.14159"),
        ("0.5%", "0.5"),
        ("The result is 1e-5", "1e-5"),
        ("The probability is 1/6.", "1/6"),
        ("Answer: 12\n\nExplanation: 3 x 4 = 12", "12"),
        ("12\n\nExplanation: there are 3 rows of 4.", "12"),
        ("12. There are 3 rows of 4.", "12"),
        ("Final answer: **12**", "12"),
        ("The answer is twelve (12).", "12"),
        ("Each of the three circles has radius 2, so the total is 6.", "6"),
        ("$-\\frac{1}{2}$", "-1/2"),
        ("\\boxed{x=3}", "3"),
        ("The answer is 5 (five).", "5"),
        ("The number of bars above 60 is 2. The two are red (65) and blue (72).", "2"),
        ("The gap is 7 years. One opened on May 5, 1917, and the other in 1924.", "7"),
        ("The total is $1,250.75, which is 25% more than last year.", "1250.75"),
        ("The answer is approximately 3.14 (rounded to two decimals).", "3.14"),
        ("Is it 7? No, it is 8.", "8"),
        ("minus 24", "-24"),
        ("The change is negative 5.", "-5"),
        ("Ann needs 12 toothpicks for a 5-step staircase.", "12"),
        ("We need 3 + 4 = 7. So for the tenth, 2 \\times 30 = 60.", "60"),
        ("USD 24", "24"),
        ("Therefore, there are 2 solutions to $g(x) = 0$.", "2"),
        ("There are 28 ways to go so that the sum of the steps equals 20.", "28"),
        ("We know that 2k + 1 = 3, forcing k to be 1.", "1"),
    ],
)
def test_it_reads_what_a_careful_reader_reads(text: str, number: str) -> None:
    """The result counts, not what it was computed from, compared with or counted among."""
    assert read_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "The answer cannot be determined from the 3 pictures.",
        "No one is there.",
        "There are 3 red and 2 blue balls.",
        "There are 5 people in the image, 3 of whom are women.",
        "The range is 5 to 10.",
        "between 5 and 10",
        "5-10",
        "more than 5",
        "I cannot determine the number of the 5 people.",
        "It is not possible to tell from the image, 5 people are visible.",
        "7:30",
        "2:1",
        "The answer is n-3.",
        "two or three",
        "The two circles overlap.",
        "The person on the left is 5 and the one on the right is 7.",
        "5, 6",
        "5\n6",
        "There are no objects left.",
        "The bar reaches 45 in 2010 and 50 in 2012.",
        "None.",
        "The y-axis goes up to 10. The blue line peaks at 7.",
        "The answer is between 3 and 5.",
        "The ratio is 3 to 5.",
        "1st",
        "There are 7 objects. 2 are removed, 5 remain.",
        "There are 10 objects. Removing 3 leaves 7.",
        "It takes 3 hours and 20 minutes.",
        "5 feet 3 inches",
        "The answer is 1 or 2.",
        "\\boxed{}",
        "\\boxed{n}",
        "\\boxed{3, 4}",
        "\\boxed{12 + }",
        "\\boxed{3! - 2}",
        "\\boxed{54+54}",
        "> 15",
        "The total is **58 + k**.",
        "The values are 8 and 2.\nTherefore, the solution is $8 \\times 2$ squares.",
        "The area is 9 * 5 = 45, and m + n = 46.",
        "The speed is 4\\frac{1}{7} miles.",
        "We take off 2 of them, which leaves some. $3^{7}$.",
        "x = 3 or x = 4",
        "The curve has 2 zeros at x = 1 and x = 3.",
        "I'm sorry, but I cannot see the picture. Could you send 2 pictures?",
        "The fence is 10 to 20 m long.",
    ],
)
def test_it_reads_nothing_where_a_careful_reader_would_ask(text: str) -> None:
    """Numbers side by side, refusals, ranges, ratios, expressions and texts that break off."""
    assert read_number(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "There are 8 cubes.\n\nSo the colour is red.",
        "Adding 3 and 4.\nThe shape is\nBlue",
        "We count 5 of them.\nThis can not be determined from the picture.",
        "There are 12 in the first box and",
        "First there are 4 of them. Next we look at the",
        "4\n\\boxed{D}",
        "We have 3 + 4 = 7.\nTherefore the area is 7\\pi.",
        "There are 4 cats. There are 3 dogs.",
    ],
)
def test_an_end_that_is_no_number_leaves_none(text: str) -> None:
    """What a text ends with is not passed over for a number that stands before it."""
    assert read_number(text) == ""


WHOLE = st.integers(-(10**8), 10**8)
FORMATS = [
    *("{}", "{}.", "**{}**", "${}$", "\\({}\\)", "\\[{}\\]", "`{}`", '"{}"', "({})", "[{}]"),
    *("{} cm", "{}%", "{} %", "{}\u00b0", "{}^\\circ", "{} m/s", "{}\\text{{ cm}}", "<b>{}</b>"),
    *("\\boxed{{{}}}", "$\\boxed{{{}}}$", "\\boxed{{\\text{{{}}}}}", "\\mathbf{{{}}}", "x = {}"),
    *("Answer: {}", "**Answer:** {}", "The answer is {}.", "Answer: ${}$", "Final answer: {}"),
    *("<answer>{}</answer>", "<think>3 or 4?</think>{}", "{}<|im_end|>", "<s>{}</s>", "\n\n{}\n"),
]


@given(WHOLE, st.sampled_from(FORMATS), st.sampled_from(["{}", "{:,}", "{}.0", "{:.2f}"]))
def test_a_number_alone_reads_as_itself(number: int, form: str, digits: str) -> None:
    """However it is written, marked, boxed or followed by a unit, and in any case."""
    text = form.format(digits.format(number))

    assert Fraction(read_number(text)) == Fraction(read_number(text.upper())) == number


@given(WHOLE, st.sampled_from(FORMATS))
def test_a_minus_sign_may_be_typographic(number: int, form: str) -> None:
    """Unicode's minus and an en dash are minus signs."""
    for minus in "\u2212\u2013":
        assert Fraction(read_number(form.format(f"{number}".replace("-", minus)))) == number


UNITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


@given(st.integers(0, 999), st.sampled_from(["{}", "**{}**", "Answer: {}.", "There are {} left."]))
def test_a_number_in_words_is_one(number: int, form: str) -> None:
    """Up to 999, with or without `and`."""
    assert read_number(form.format(in_words(number))) == str(number)
    assert read_number(form.format(in_words(number).replace(" and ", " ").title())) == str(number)


def in_words(number: int) -> str:
    teens = [*UNITS, "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"]
    hundreds, rest = divmod(number, 100)
    tens, unit = divmod(rest, 10)
    small = [*teens, "eighteen", "nineteen"][rest] if rest < 20 else TENS[tens - 2]
    small += f"-{UNITS[unit]}" if rest >= 20 and unit else ""
    parts = [f"{UNITS[hundreds]} hundred"] if hundreds else []
    return " and ".join([*parts, *([small] if rest or not hundreds else [])])


@given(st.integers(2, 99), st.integers(100, 999))
def test_the_subject_is_counted_and_not_what_it_is_compared_with(count: int, bound: int) -> None:
    """Whatever the two numbers are."""
    for words in ("lower than", "greater than or equal to", "above", "less than", "older than"):
        assert read_number(f"There are {count} methods with a score {words} {bound}.") == str(count)


@given(WHOLE, WHOLE, WHOLE)
def test_the_conclusion_counts_and_not_the_premises(one: int, other: int, result: int) -> None:
    """Whatever the numbers are."""
    text = f"The first is {one}. The second is {other}.\nSo the result is {result}."

    assert Fraction(read_number(text)) == result


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The answer is 5. Wait, I miscounted. There are 6.", "6"),
        ("There are 5 cats. Let me recount: there are 7 cats.", "7"),
        ("The answer is 5. No, the number is 6.", "6"),
        ("The answer is 5. Wait, 6 or 7.", ""),
        ("The answer is 5. Wait, let me double-check. Yes.", "5"),
        ('{"answer": "7", "confidence": 0.9}', "7"),
        ('{"confidence": 0.9, "count": 7}', "7"),
        ('{"answer": "none", "confidence": 0.9}', ""),
    ],
)
def test_what_is_taken_back_or_stands_in_another_field_is_not_read(text: str, number: str) -> None:
    """The number follows the last correction, and is that of the field that holds the answer."""
    assert read_number(text) == number
