from fractions import Fraction
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.scorers.box_text import MOST_BOXES, read_box, read_point
from pytest_mmbench.scorers.coordinates import Convention, Coordinates, Corners, Located
from pytest_mmbench.scorers.regions import Box

ASKED = Convention(coordinates=Coordinates.THOUSAND)


def shown(located: object) -> str:
    """A reading as it is shown; empty if there is none."""
    return ASKED.text(located) if isinstance(located, Located) else ""


@pytest.mark.parametrize(
    "text",
    [
        "[10, 20, 30, 40]",
        "(10,20),(30,40)",
        "[[10, 20], [30, 40]]",
        "[[10, 20, 30, 40]]",
        "10, 20, 30, 40",
        "10 20 30 40.",
        "[\n  10,\n  20,\n  30,\n  40\n]",
        "[30, 40, 10, 20]",
        "[10.0, 20.00, +30, .4e2]",
        "**[10, 20, 30, 40]**",
        "$(10, 20, 30, 40)$",
        "\\boxed{[10, 20, 30, 40]}",
        '```json\n[{"bbox_2d": [10, 20, 30, 40], "label": "dog 2", "score": 0.98}]\n```',
        '{"bbox": "10, 20, 30, 40"}',
        "<box>10, 20, 30, 40</box>",
        "<bbox>10 20 30 40</bbox>",
        "<ref>dog</ref><box>[[10, 20, 30, 40]]</box>",
        "<|object_ref_start|>dog<|object_ref_end|><|box_start|>(10,20),(30,40)<|box_end|><|im_end|>",
        "<|begin_of_box|>[10, 20, 30, 40]<|end_of_box|>",
        "x1: 10, y1: 20, x2: 30, y2: 40",
        "(x1=10, y1=20), (x2=30, y2=40)",
        "x0=10 y0=20 x1=30 y1=40",
        "x_min=10 y_min=20 x_max=30 y_max=40",
        '{"xmax": 30, "ymax": 40, "xmin": 10, "ymin": 20}',
        "{'x': 10, 'y': 20, 'width': 20, 'height': 20}",
        "left: 10, top: 20, right: 30, bottom: 40",
        "left is 10, top is 20, width is 20, height is 20",
        "<x1>10</x1><y1>20</y1><x2>30</x2><y2>40</y2>",
        "The top-left corner is (10, 20) and the bottom-right corner is (30, 40).",
        "The answer is 10 20 30 40.",
        "There are 2 dogs, and the left one is at [10, 20, 30, 40].",
        "In a picture of [640, 480] it is [10, 20, 30, 40].",
        "<think>[1, 2, 3, 4]</think>[10, 20, 30, 40]",
        "First I saw [1, 2, 3, 4]. The answer is [10, 20, 30, 40].",
        "It is [1, 2, 3, 4].\nWait, no. It is [10, 20, 30, 40].",
        "[10, 20, 30, 40]\n[10, 20, 30, 40]",
        "\uff3b10, 20, 30, 40\uff3d",
        "It is not [1, 2, 3, 4]. It is [10, 20, 30, 40].",
    ],
)
def test_a_box_is_read_in_every_form(text: str) -> None:
    """Brackets, JSON, tags, tokens, keys and words say the same box."""
    assert shown(read_box(text, ASKED)) == "[10, 20, 30, 40]"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a dog",
        "10",
        "[10, 20]",
        "[10, 20, 30]",
        "[10, 20, 30, 40",
        "[10, 20, 30, 40,",
        "[10, 20, 30, 40, 50]",
        "[10, 20, 30, 40] or [1, 2, 3, 4]",
        "[[10, 20, 30, 40], [1, 2, 3, 4]]",
        "It is not [10, 20, 30, 40].",
        "<think>[10, 20, 30, 40]",
        "x: 10, y: 20, width: 30",
        "cx: 10, cy: 20, w: 30, h: 40",
        "I count 3, 4, 5, 6 dogs.",
        "[nan, 20, 30, 40]",
        "[10, 20%, 30, 40]",
        "[10, 20, 30, 40] of 0 x 480",
        "[1.2.3, 20, 30, 40]",
        "<loc0001><loc0002><loc0003>",
    ],
)
def test_what_settles_on_no_box_has_none(text: str) -> None:
    """Too few numbers, too many, several boxes, a denial, a thought, or a contradiction."""
    assert read_box(text, ASKED) is None


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("<loc0020><loc0010><loc0040><loc0030> dog", "[10, 20, 30, 40] of 1024 x 1024"),
        ("[10%, 20%, 30%, 40%]", "[10, 20, 30, 40] of 100 x 100"),
        ("[10, 20, 30, 40] of 640 x 480", "[10, 20, 30, 40] of 640 x 480"),
        ("[10, 20, 30, 40] px", "[10, 20, 30, 40] px"),
        ("[10px, 20px, 30px, 40px]", "[10, 20, 30, 40] px"),
        ("[0.1, 0.2, 0.3, 0.4]", "[0.1, 0.2, 0.3, 0.4]"),
    ],
)
def test_a_text_may_say_itself_how_it_counts(text: str, box: str) -> None:
    """What it says counts, and the size of its numbers says nothing."""
    assert shown(read_box(text, ASKED)) == box


@pytest.mark.parametrize(
    ("corners", "box"),
    [("xyxy", "[10, 20, 30, 40]"), ("xywh", "[10, 20, 40, 60]"), ("yxyx", "[20, 10, 40, 30]")],
)
def test_the_convention_says_what_the_numbers_are(corners: str, box: str) -> None:
    """Except behind keys, which say it themselves."""
    convention = Convention(coordinates=Coordinates.THOUSAND, corners=Corners(corners))

    assert shown(read_box("[10, 20, 30, 40]", convention)) == box
    assert shown(read_box("x1=10 y1=20 x2=30 y2=40", convention)) == "[10, 20, 30, 40]"


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("(10, 20)", "[10, 20]"),
        ("[[10, 20]]", "[10, 20]"),
        ("10, 20", "[10, 20]"),
        ('{"point_2d": [10, 20], "label": "OK"}', "[10, 20]"),
        ("pyautogui.click(x=10, y=20)", "[10, 20]"),
        ('<point x="10.5" y="20" alt="dog">dog</point>', "[10.5, 20]"),
        ("<point>10 20</point>", "[10, 20]"),
        ("<|box_start|>(10,20)<|box_end|>", "[10, 20]"),
        ("<loc0001><loc0002>", "[2, 1] of 1024 x 1024"),
        ("The answer is (10, 20).", "[10, 20]"),
        ("On a 640, 480 screen I click at (10, 20).", "[10, 20]"),
        ("(10,20),(30,40)", ""),
        ("[10, 20, 30, 40]", ""),
        ('<points x1="1" y1="2" x2="3" y2="4">', ""),
        ("(10, 20) or (30, 40)", ""),
        ("1,234 items", ""),
        ("", ""),
    ],
)
def test_a_point_is_two_numbers(text: str, point: str) -> None:
    """A box, several points, and two numbers somewhere in a sentence are none."""
    assert shown(read_point(text, ASKED)) == point


COORDINATES = st.integers(0, 9999).map(lambda number: str(Fraction(number, 10) // 1))
FORMS = [
    "[{}, {}, {}, {}]",
    "({},{}),({},{})",
    '{{"bbox_2d": [{}, {}, {}, {}]}}',
    "x1={} y1={} x2={} y2={}",
    "<box>{} {} {} {}</box>",
    "The answer is [{}, {}, {}, {}].",
]


@given(st.lists(COORDINATES, min_size=4, max_size=4), st.sampled_from(FORMS))
def test_opposite_corners_in_either_order_are_one_box(numbers: list[str], form: str) -> None:
    """Whichever corner comes first, in every form."""
    swapped = numbers[2:] + numbers[:2]
    box = read_box(form.format(*numbers), ASKED)

    assert box is not None
    assert box == read_box(form.format(*swapped), ASKED)
    assert box.region == Box(*map(Fraction, numbers)).upright()


SAID = st.text(max_size=30) | st.lists(
    st.sampled_from(
        [
            *("[10, 20, 30, 40]", "(1,2)", "[", "]", "<box>", "</box>", ",", " ", "\n", "%", "px"),
            *("10", "1.5", "1e5", "1e99", "-3", ".", "x1", "y1", "x", "y", "=", ":", "<loc0001>"),
            *("of 640 x 480", "of 0 x 0", "the answer is", "wait, no.", "not", "</think>", "inf"),
            *(
                "nan",
                "\u0662",
                "\u00b2",
                "top-left (1, 2) bottom-right (3, 4)",
                "width: 1",
                "0" * 99,
            ),
        ]
    ),
    max_size=14,
).map("".join)


@given(SAID, st.sampled_from(Coordinates), st.sampled_from(Corners))
def test_reading_raises_nothing(text: str, coordinates: Coordinates, corners: Corners) -> None:
    """Whatever a model says, in every convention; what is read can be shown and read again."""
    convention = Convention(coordinates=coordinates, corners=corners)
    box, point = read_box(text, convention), read_point(text, convention)

    assert box is None or convention.read(convention.text(box)) == box
    assert point is None or convention.read(convention.text(point)) == point


LONG = 100_000


@pytest.mark.parametrize(
    "row", ["1", "1 ", "1, ", "[", "[1, 2, 3, 4] ", "(", "<loc0001>", "x1: 1, ", "top-left ", "-"]
)
def test_a_long_text_takes_no_long_time(row: str) -> None:
    """It grows with the length of the text; one that grows with its square takes minutes."""
    begun = process_time()
    text = row * (LONG // len(row))
    read_box(text, ASKED)
    read_point(text, ASKED)

    assert process_time() - begun < 20


def test_a_list_of_a_thousand_boxes_is_no_answer() -> None:
    """Also if all of them are the same."""
    assert read_box("[1, 2, 3, 4] " * (MOST_BOXES + 1), ASKED) is None
