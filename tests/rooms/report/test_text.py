import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.errors import MMBenchError, MMBenchWarning, for_log, one_line, visible
from pytest_mmbench.records import Interval
from pytest_mmbench.report import text
from pytest_mmbench.report.text import MINUS

ANY = st.text(st.characters(), max_size=200)  # halves of surrogate pairs too
UNSEEN = {"Cc", "Cs", "Zl", "Zp"}
BIDI = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}


@given(ANY)
def test_nothing_unseen_is_left(text: str) -> None:
    """No control but tab and line break, no turn of direction, no half pair; UTF-8 can hold it."""
    shown = visible(text)

    left = {each for each in shown if unicodedata.category(each) in UNSEEN}
    assert left <= {"\n", "\t"}
    assert not {unicodedata.bidirectional(each) for each in shown} & BIDI
    shown.encode()


@given(ANY)
def test_what_is_shown_stays_as_it_is(text: str) -> None:
    """Making a legible text legible changes nothing."""
    assert visible(visible(text), most=10_000) == visible(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=200))
def test_letters_and_signs_stay(text: str) -> None:
    """Words of any language are not touched, save for the fillers that show nothing."""
    fillers = "\u115f\u1160\u3164\uffa0"

    assert visible(text.translate(dict.fromkeys(map(ord, fillers)))) == text.translate(
        dict.fromkeys(map(ord, fillers))
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x00\x7f\x9b", "␀␡⟨U+009B⟩"),
        ("user\u202egnp.exe", "user⟨U+202E⟩gnp.exe"),
        ("zero\u200bwidth", "zero⟨U+200B⟩width"),
        ("\U000e0041tag", "⟨U+E0041⟩tag"),
        ("one\r\ntwo\rthree\n", "one\ntwo\nthree\n"),
        ("👩\u200d🔬 می\u200cخواهم", "👩\u200d🔬 می\u200cخواهم"),  # noqa: RUF001 - joiners that writing needs
    ],
)
def test_examples(text: str, shown: str) -> None:
    """Escape sequences, overrides and hidden letters are seen; emoji and Persian are left alone."""
    assert visible(text) == shown


def test_a_long_answer_is_cut() -> None:
    """A megabyte becomes a beginning and a note."""
    assert visible("x" * 1_000_000, most=5) == "xxxxx… (999,995 more characters)"


def test_a_text_in_one_line() -> None:
    """Line breaks become signs, of whatever kind they are."""
    assert one_line("a\r\nb\tc\nd") == "a ⏎ b c ⏎ d"
    assert "\n" not in one_line("\n" * 5_000)


# Numbers.


@pytest.mark.parametrize(
    ("difference", "shown"),
    [(0.013, "+1.3"), (-0.2075, f"{MINUS}20.8"), (0.0, "0.0"), (-0.0004, "0.0"), (1.0, "+100.0")],
)
def test_points(difference: float, shown: str) -> None:
    """A sign always, a real minus, and no signed zero."""
    assert text.points(difference) == shown


@given(st.floats(-1, 1))
def test_points_are_read_back(difference: float) -> None:
    """What is written is the difference, to half of a tenth of a point."""
    written = float(text.points(difference).replace(MINUS, "-"))

    assert abs(written - 100 * difference) <= 0.05 + 1e-9


@pytest.mark.parametrize(
    ("value", "shown"), [(0.1, "+10"), (-0.05, f"{MINUS}5"), (0.0, "0"), (-0.0, "0")]
)
def test_ticks(value: float, shown: str) -> None:
    """Ticks have no decimals that they do not need."""
    assert text.tick(value) == shown


def test_spans() -> None:
    """Both ends, with the word between them that no minus can be mistaken for."""
    assert text.span(Interval(low=-0.011, high=0.5)) == f"{MINUS}0.01 to 0.50"
    assert text.points_span(Interval(low=-0.281, high=0.0)) == f"{MINUS}28.1 to 0.0"


@pytest.mark.parametrize(
    ("value", "shown"), [(1.0, "1.000"), (0.001, "0.001"), (0.00099, "< 0.001"), (0.0, "< 0.001")]
)
def test_probabilities(value: float, shown: str) -> None:
    """None is written as zero."""
    assert text.probability(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(8.21, "8.2 s"), (187, "3 min 07 s"), (7500, "2 h 05 min")]
)
def test_durations(seconds: float, shown: str) -> None:
    """Two units at most."""
    assert text.duration(seconds) == shown


def test_counts() -> None:
    """One is singular, thousands have their comma."""
    assert text.count_of(1, "answer") == "1 answer"
    assert text.count_of(0, "answer") == "0 answers"
    assert text.count_of(24_000, "answer") == "24,000 answers"


@given(
    ANY | st.sampled_from(["\n::error::x", " ::add-mask::y", "##[error]z", "a\r::stop-commands::b"])
)
def test_no_line_of_a_log_is_a_command(text: str) -> None:
    """GitHub Actions obeys a line that begins with two colons, and an older form anywhere."""
    lines = for_log(text).splitlines()

    assert not [line for line in lines if line.lstrip().startswith("::") or "##[" in line]


@given(ANY)
def test_an_error_is_harmless(text: str) -> None:
    """Whatever a sample is called or a file holds, in its sentence and in its facts."""
    shown = [str(MMBenchError(f"sample {text} is bad.", row=text)), str(MMBenchWarning(text))]

    assert [for_log(each) for each in shown] == shown
