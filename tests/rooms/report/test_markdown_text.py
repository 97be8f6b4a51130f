from documents import NASTY
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pytest_mmbench.report.markdown import block, plain, table
from pytest_mmbench.report.text import one_line, visible

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
JOINER = "\u2060"
SAID = st.one_of(
    st.text(max_size=40),
    st.text("\\`*_[]()<>#|~$&:@!-+=.1a \n\t", max_size=40),
    st.sampled_from(NASTY),
)


def inline(text: str) -> list[Token]:
    """The tokens inside the first cell of the only row of a table that holds the text."""
    tokens = READER.parse(table(["title"], [[f"x {text}"]]))
    cells = [each for each in tokens if each.type == "inline"]
    assert len(cells) == 2
    return cells[1].children or []


@given(SAID)
def test_text_stays_text(said: str) -> None:
    """In a cell of a table nothing of it is markup, and a reader sees what was written."""
    tokens = inline(plain(said, most=1_000))

    assert {each.type for each in tokens} <= {"text", "text_special"}
    seen = "".join(each.content for each in tokens).replace(JOINER, "")
    assert seen.split() == f"x {one_line(said)}".split()


@given(SAID)
def test_nothing_is_linked(said: str) -> None:
    """No name, number, address or emoji is left for GitHub to find in the rendered text."""
    seen = "".join(each.content for each in inline(plain(said)))

    for start in ("@a", "#1", "http:", "https:", "www.", "GH-1", ":smile:"):
        assert start.lower() not in seen.lower() or start.lower() not in one_line(said).lower()


def test_mentions_and_addresses() -> None:
    """They are parted by a sign that nobody sees."""
    assert plain("@octocat") == f"@{JOINER}octocat"
    assert plain("see #12, GH-3") == f"see \\#{JOINER}12, GH{JOINER}-3"
    assert plain("https://f.example www.g.example") == (
        f"https{JOINER}://f.example www{JOINER}.g.example"
    )
    assert plain("at 14:03:22 :tada:") == f"at 14:03:22 :{JOINER}tada:"


@given(st.one_of(SAID, st.text("`\n~a", max_size=20)))
def test_a_block_holds_anything(said: str) -> None:
    """A fence is closed by its own end alone."""
    tokens = READER.parse(block(said) + "\nafter\n")

    assert [each.type for each in tokens] == [
        "fence",
        "paragraph_open",
        "inline",
        "paragraph_close",
    ]
    assert tokens[0].content == visible(said) + "\n"


def test_a_table() -> None:
    """Words stand at the left and numbers at the right."""
    assert table(["name", "n"], [["a", "1"]], numbers=1) == (
        "| name | n |\n| --- | ---: |\n| a | 1 |\n"
    )
