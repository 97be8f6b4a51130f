from dataclasses import replace
from typing import Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.digests import digest
from pytest_mmbench.errors import DataError
from pytest_mmbench.records import Ask, Picture, Prompt, Request, Turn


def picture(content: bytes, name: str = "a picture") -> Picture:
    return Picture(name=name, read=lambda: content)


Role = Literal["system", "user", "assistant"]
Content = tuple[Ask, tuple[tuple[Role, tuple[str | bytes, ...]], ...], tuple[str, ...], int]

texts = st.text(st.characters(), max_size=4)  # short, so that the same content turns up often
contents = st.tuples(
    st.sampled_from(Ask),
    st.lists(
        st.tuples(
            st.sampled_from(get_args(Role)),
            st.lists(texts | st.binary(max_size=4), max_size=3).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    st.lists(texts, max_size=3).map(tuple),
    st.integers(0, 3),
)


def built(content: Content, *, sample: str = "0001", name: str = "a picture") -> Request:
    ask, turns, options, new_tokens = content
    return Request(
        sample=sample,
        ask=ask,
        prompt=Prompt(
            turns=tuple(
                Turn(
                    role=role,
                    parts=tuple(
                        picture(each, name) if isinstance(each, bytes) else each for each in parts
                    ),
                )
                for role, parts in turns
            )
        ),
        options=options,
        new_tokens=new_tokens,
    )


@given(contents, contents)
def test_requests_meet_only_if_they_are_the_same(one: Content, other: Content) -> None:
    """Two requests have one digest exactly if everything that can change an answer is equal."""
    assert (digest(built(one)) == digest(built(other))) == (one == other)


@given(contents, st.text(), st.text())
def test_names_do_not_count(content: Content, sample: str, name: str) -> None:
    """The sample's id and the pictures' names leave the digest alone."""
    assert digest(built(content, sample=sample, name=name)) == digest(built(content))


PLAIN = Request(
    sample="0001",
    ask=Ask.RANK,
    prompt=Prompt(turns=(Turn(role="user", parts=(picture(b"red"), "Which colour?")),)),
    options=("red", "green"),
)


def asked(*parts: str | Picture) -> Request:
    return replace(PLAIN, prompt=Prompt(turns=(Turn(role="user", parts=parts),)))


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAIN, ask=Ask.GENERATE),
        replace(PLAIN, options=("green", "red")),
        replace(PLAIN, options=("redgreen",)),
        replace(PLAIN, options=("red", "green", "")),
        replace(PLAIN, new_tokens=1),
        asked(picture(b"blue"), "Which colour?"),
        asked("Which colour?", picture(b"red")),
        asked("Which colour?"),
        asked("red", "Which colour?"),
        asked(picture(b"red"), "Which ", "colour?"),
        asked(picture(b"red"), picture(b"red"), "Which colour?"),
    ],
)
def test_everything_that_is_shown_counts(other: Request) -> None:
    """A changed ask, option, order, picture or cut between texts gives another digest."""
    assert digest(other) != digest(PLAIN)


def test_the_digest_is_the_same_on_every_machine() -> None:
    """A change of this digest loses every answer that was ever kept, so it must be deliberate."""
    assert digest(PLAIN) == "545f3d886458e81e6074b8ae2434a812f858ee4f3b7048c8b94dff23ff2b3b1b"


def test_half_a_surrogate_pair_is_content_too() -> None:
    """Text that strict UTF-8 refuses has a digest of its own."""
    assert digest(asked("\ud83d")) != digest(asked("\ud83e"))


def test_a_picture_that_cannot_be_read_is_told() -> None:
    """What a picture raises comes through as it is."""

    def torn() -> bytes:
        raise DataError("picture 3 is cut off.")

    with pytest.raises(DataError, match="picture 3 is cut off"):
        digest(asked(Picture(name="3", read=torn)))
