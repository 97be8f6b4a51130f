import hashlib
import io
from dataclasses import replace
from typing import Literal, get_args

import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.evaluation.inference.plan import hash_identity, hashed, request_key
from pytest_mmbench.evaluation.inference.prefetch import load_request
from pytest_mmbench.records import Picture, Prompt, Request, RequestType, Turn
from pytest_mmbench.records.generation import Sampling


def picture(content: bytes, name: str = "a picture") -> Picture:
    return Picture(name=name, read=lambda: content)


def key_of(request: Request) -> str:
    return request_key(request, [hashed(each.read()) for each in request.prompt.pictures])


Role = Literal["system", "user", "assistant"]
Content = tuple[RequestType, tuple[tuple[Role, tuple[str | bytes, ...]], ...], tuple[str, ...], int]

texts = st.text(st.characters(), max_size=4)  # short, so that the same content turns up often
contents = st.tuples(
    st.sampled_from(RequestType),
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
        type=ask,
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
    """Two requests have one key exactly if everything that can change an answer is equal."""
    assert (key_of(built(one)) == key_of(built(other))) == (one == other)


@given(contents, st.text(), st.text())
def test_names_do_not_count(content: Content, sample: str, name: str) -> None:
    """The sample's id and the pictures' names leave the key alone."""
    assert key_of(built(content, sample=sample, name=name)) == key_of(built(content))


PLAIN = Request(
    sample="0001",
    type=RequestType.LOGLIKELIHOOD,
    prompt=Prompt(turns=(Turn(role="user", parts=(picture(b"red"), "Which colour?")),)),
    options=("red", "green"),
)


def asked(*parts: str | Picture) -> Request:
    return replace(PLAIN, prompt=Prompt(turns=(Turn(role="user", parts=parts),)))


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAIN, type=RequestType.GENERATE),
        replace(PLAIN, options=("green", "red")),
        replace(PLAIN, options=("redgreen",)),
        replace(PLAIN, options=("red", "green", "")),
        replace(PLAIN, new_tokens=1),
        replace(PLAIN, thinking=True),
        replace(PLAIN, thinking=False),
        replace(PLAIN, stop=("red",)),
        replace(PLAIN, stop=("red", "green")),
        replace(PLAIN, thinking=True, stop=("red",)),
        asked(picture(b"blue"), "Which colour?"),
        asked("Which colour?", picture(b"red")),
        asked("Which colour?"),
        asked("red", "Which colour?"),
        asked(picture(b"red"), "Which ", "colour?"),
        asked(picture(b"red"), picture(b"red"), "Which colour?"),
    ],
)
def test_everything_that_is_shown_counts(other: Request) -> None:
    """A changed ask, option, order, picture or cut between texts gives another key."""
    assert key_of(other) != key_of(PLAIN)


def test_the_key_is_the_same_on_every_machine() -> None:
    """It is the SHA-256 of every field behind its length, a picture standing for its own SHA-256.

    A change of this key loses every answer that was ever kept, so it must be deliberate.
    """
    red = "b1f51a511f1da0cd348b8f8598db32e61cb963e5fc69e2b41485bf99590ed75a"
    fields = b"mmbench request 2", b"rank", b"0", b"2", b"red", b"green", b"user", b"2"
    shown = b"picture", bytes.fromhex(red), b"text", b"Which colour?"
    framed = b"".join(len(each).to_bytes(8, "big") + each for each in (*fields, *shown))

    assert hashlib.sha256(b"red").hexdigest() == red
    assert key_of(PLAIN) == hashlib.sha256(framed).hexdigest()


def test_what_is_set_of_decoding_has_a_key_of_its_own() -> None:
    """No two settings share one, and none has the key of a request that only looks like it."""
    keys = [
        key_of(replace(PLAIN, thinking=thinking, stop=stop))
        for thinking in (None, True, False)
        for stop in ((), ("a",), ("b",), ("a", "b"), ("b", "a"), ("ab",))
    ]
    draws = [
        Sampling(temperature=temperature, top_p=top_p, top_k=top_k, seed=seed)
        for temperature, top_p, top_k, seed in (
            *((0.5, 1.0, 0, 0), (0.7, 1.0, 0, 0), (0.5, 0.9, 0, 0), (0.5, 1.0, 3, 0)),
            *((0.5, 1.0, 0, 3), (0.5, 1.0, 3, 3)),
        )
    ]
    keys += [key_of(replace(PLAIN, sampling=sampling)) for sampling in draws]
    marks = [(("a", "b"),), (("b", "a"),), (("a", "b"), ("c", "d"))]
    keys += [key_of(replace(PLAIN, thoughts=thoughts)) for thoughts in marks]
    turns = (*PLAIN.prompt.turns, Turn(role="system", parts=("a",)))
    keys.append(key_of(replace(PLAIN, prompt=Prompt(turns=turns))))

    assert len(set(keys)) == len(keys)
    known = replace(PLAIN, sampling=replace(draws[0], key="of itself"))
    assert key_of(known) == key_of(replace(PLAIN, sampling=draws[0]))


def test_a_request_that_is_drawn_knows_its_key() -> None:
    """Its random numbers follow from it, and so not from those that are asked beside it."""
    request = replace(PLAIN, sampling=Sampling(temperature=0.5))
    loaded = load_request(request, lambda each: each)
    other = load_request(replace(request, sample="other"), lambda each: each)

    assert loaded.request.sampling is not None
    assert loaded.request.sampling.key == loaded.key == key_of(request)
    assert loaded.request.sampling == other.request.sampling
    seeds = [
        Sampling(temperature=0.5, key=key, seed=seed).random_seed("1")
        for key in (loaded.key, "another", "")
        for seed in (0, 1)
    ]
    assert len({*seeds}) == len(seeds)
    assert all(0 <= each < 2**63 for each in seeds)


def test_half_a_surrogate_pair_is_content_too() -> None:
    """Text that strict UTF-8 refuses has a key of its own."""
    assert key_of(asked("\ud83d")) != key_of(asked("\ud83e"))


@given(contents)
def test_a_model_that_answers_by_sample_has_a_key_for_each(content: Content) -> None:
    """Equal requests about two samples share no answer then; any other model's keys stay."""
    one, other = built(content, sample="0001"), built(content, sample="0002")
    hashes = [hashed(each.read()) for each in one.prompt.pictures]
    keys = {request_key(each, hashes, by_sample=True) for each in (one, other)}

    assert len(keys) == 2
    assert request_key(one, hashes) == request_key(other, hashes)
    assert request_key(one, hashes) not in keys


def test_transparent_pictures_have_keys_of_their_own() -> None:
    """Their stored answers are of pictures that looked otherwise; opaque ones keep theirs."""
    contents = {}
    for alpha in (255, 254, 0):
        stream = io.BytesIO()
        PIL.Image.new("RGBA", (2, 2), (0, 0, 0, alpha)).save(stream, "PNG")
        contents[alpha] = stream.getvalue()
    own = {alpha: hashlib.sha256(content).digest() for alpha, content in contents.items()}
    assert hashed(contents[255]) == own[255]
    assert hashed(contents[254]) != own[254]
    assert hashed(contents[0]) != own[0]
    assert hashed(b"no picture") == hashlib.sha256(b"no picture").digest()


def test_hashes_that_were_kept_before_pictures_were_laid_on_white_do_not_count() -> None:
    """They are kept by identity, and would give a transparent picture its old key."""
    known = Picture(name="a", read=bytes, identity=lambda: "a.png, 2024")
    assert hash_identity(known).startswith("a.png, 2024")
    assert hash_identity(known) != "a.png, 2024"
    assert hash_identity(picture(b"")) == ""
