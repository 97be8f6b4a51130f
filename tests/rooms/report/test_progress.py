import pytest

from pytest_mmbench.report.progress import ProgressLine


class Stream:
    """A terminal that remembers what was drawn on it."""

    encoding = "utf-8"

    def __init__(self, width: int = 79) -> None:
        self.width = width
        self.drawn: list[str] = []

    def draw(self, line: str) -> None:
        self.drawn.append(line)

    def clear(self) -> None:
        self.drawn.append("")


@pytest.mark.parametrize("width", [20, 40, 79, 200])
def test_a_label_stands_before_the_numbers(width: int) -> None:
    """And the whole line fits the stream, however narrow it is."""
    stream = Stream(width)
    line = ProgressLine(stream, label="acme/llm")

    line.wait_for("loading")
    line(done=1, total=10, seconds=1.0)

    assert stream.drawn[0] == "mmbench  acme/llm  loading ..."[:width]
    assert stream.drawn[1].startswith("mmbench  acme/llm")
    assert max(map(len, stream.drawn)) <= width


def test_a_stream_without_columns_shows_nothing() -> None:
    """What is no terminal is not drawn on; a line that is there is taken away in any case."""
    stream = Stream(0)
    line = ProgressLine(stream)

    line.wait_for("loading")
    line(done=1, total=10, seconds=1.0)
    line.hide()

    assert stream.drawn == [""]
