import importlib.util
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publishing.archives import archive, folder
from publishing.films import film
from publishing.pictures import grey, number
from publishing.tables import json_file

from pytest_mmbench.benchmarks.readers import frames, open_table, video
from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.benchmarks.readers.video import (
    WHOLE_VIDEO,
    VideoDecoder,
    VideoSegment,
    frame_numbers,
)
from pytest_mmbench.errors import DataError
from pytest_mmbench.records import Picture


def in_seconds(start: float, end: float) -> VideoSegment:
    return VideoSegment(start=start, end=end, unit="seconds")


def in_frames(start: float, end: float) -> VideoSegment:
    return VideoSegment(start=start, end=end, unit="frames")


@pytest.mark.parametrize(
    ("segment", "length", "rate", "expected"),
    [
        # Worked out by hand. Frames 0 to 63 of 65, 63 / 8 = 7.875; 31.5 is rounded to 32.
        (WHOLE_VIDEO, 65, 15.0, [3, 3 + 8, 3 + 16, 3 + 24, 3 + 32, 3 + 39, 3 + 47, 3 + 55]),
        # Frames 360 to 644 at 30 a second, 284 / 8 = 35.5, half of which is 17.75; 35.5 and
        # 177.5 are rounded up, 106.5 and 248.5 down.
        (
            in_seconds(12.0, 21.5),
            3000,
            30.0,
            [377, 377 + 36, 377 + 71, 377 + 106, 377 + 142, 377 + 178, 377 + 213, 377 + 248],
        ),
        # Its authors' example from Breakfast: frames 18 to 165, 147 / 8 = 18.375.
        (in_frames(18, 166), 500, 15.0, [27, 45, 64, 82, 101, 119, 137, 156]),
        (in_frames(0, 8), 500, 15.0, [0, 1, 2, 3, 4, 4, 5, 6]),
        (in_frames(5, 9), 500, 15.0, [5, 5, 6, 6, 7, 7, 8, 8]),
    ],
)
def test_the_eight_frames_of_a_segment(
    segment: VideoSegment, length: int, rate: float, expected: list[int]
) -> None:
    """SEED-Bench's rule, for a whole video, for seconds, for frames, and for few frames."""
    assert frame_numbers(segment, length=length, rate=rate) == expected


segments = st.builds(
    lambda start, more: in_seconds(start, start + more), st.floats(0, 100), st.floats(0.1, 100)
) | st.builds(
    lambda start, more: in_frames(start, start + more), st.integers(0, 5000), st.integers(1)
)


@given(segments, st.integers(1, 5000), st.floats(1, 120))
def test_chosen_frames_lie_in_the_segment_and_in_order(
    segment: VideoSegment, length: int, rate: float
) -> None:
    """Whatever the segment: eight frames that are there, or an error that says there is none."""
    within = segment.frames(length=length, rate=rate)

    if within:
        found = frame_numbers(segment, length=length, rate=rate)
        assert len(found) == 8
        assert found == sorted(found)
        assert set(found) <= set(within) <= set(range(length))
    else:
        with pytest.raises(ValueError, match="lies in the segment"):
            frame_numbers(segment, length=length, rate=rate)


def row(published: Any, **fields: object) -> Row:
    path = json_file(published.folder / "m.jsonl", [{"data_id": "P01/P01_1.mp4", **fields}])
    return open_table(str(path), pictures=[]).rows[0]


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ([18, 166], in_frames(18, 166)),
        ([648.0, 658.0], in_seconds(648, 658)),
        ("[648.0, 658.0]", in_seconds(648, 658)),
        (None, WHOLE_VIDEO),
    ],
)
def test_whole_numbers_are_frames(published: Any, stored: object, expected: VideoSegment) -> None:
    """Epic-Kitchens is cut at seconds, Breakfast at frames, and the numbers tell which."""
    assert video.read_segment(row(published, segment=stored)) == expected


@pytest.mark.parametrize("stored", [[1], [1, 2, 3], ["a", "b"], [2, 1], [-1.0, 1.0], [3, 3]])
def test_what_is_no_segment(published: Any, stored: object) -> None:
    """It is told with its row."""
    with pytest.raises(DataError) as caught:
        video.read_segment(row(published, segment=stored))

    assert caught.value.facts["field"] == "segment"


def shown(pictures: tuple[Picture, ...]) -> list[int]:
    return [number(each.read()) for each in pictures]


def test_frames_of_a_segment_are_pictures(published: Any) -> None:
    """Eight PNGs, each of the frame of its number, out of a folder or an archive."""
    path = film(published.folder / "epic/P01/P01_1.mp4", frames=200, rate=20)
    segment = in_seconds(3.0, 8.05)
    expected = frame_numbers(segment, length=200, rate=20)
    one = row(published)

    def frames_in(*roots: str) -> tuple[Picture, ...]:
        places = [f"{root}/{one.text('data_id')}" for root in roots]
        return VideoDecoder().frames(one, *places, field="data_id", name="seed/v1", segment=segment)

    found = frames_in("videos", "epic")
    assert shown(found) == expected
    assert [each.name for each in found][:2] == ["seed/v1-1", "seed/v1-2"]
    assert found[0].read().startswith(b"\x89PNG")
    archive(published.folder / "packed.zip", {"P01/P01_1.mp4": path.read_bytes()})
    assert shown(frames_in("packed")) == expected


@pytest.fixture
def decodings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One word for each time that a video is decoded."""
    done: list[str] = []
    decode = frames.decode_frames

    def noted(file: Any, choose: Callable[..., Any]) -> list[bytes]:
        done.append(file.name)
        return decode(file, choose)

    monkeypatch.setattr(frames, "decode_frames", noted)
    return done


def test_a_video_is_decoded_once_for_a_sample(published: Any, decodings: list[str]) -> None:
    """Not when it is named, and not for every frame; frames of few samples stay in memory."""
    film(published.folder / "P01/P01_1.mp4", frames=60)
    one, kept = row(published), VideoDecoder(cache_size=1)
    first = kept.frames(one, "P01/P01_1.mp4", field="data_id", name="a")
    second = kept.frames(one, "P01/P01_1.mp4", field="data_id", name="b", segment=in_frames(0, 30))

    assert decodings == []
    shown(first)
    shown(first)
    assert len(decodings) == 1
    assert shown(second) == frame_numbers(in_frames(0, 30), length=60, rate=15)
    assert len(decodings) == 2
    shown(first)
    assert len(decodings) == 3
    assert len(kept._cache) == 1


def test_a_video_that_cannot_be_decoded(published: Any) -> None:
    """One that is missing, cut short, without the segment: each is told with file and row."""
    whole = film(published.folder / "whole.mp4", frames=60).read_bytes()
    folder(published.folder, {"cut.mp4": whole[: len(whole) // 2], "text.mp4": b"no film"})
    one = row(published)

    for path, segment, reason in [
        ("gone.mp4", WHOLE_VIDEO, "there is no file gone.mp4"),
        ("cut.mp4", WHOLE_VIDEO, "no video, or it is damaged"),
        ("text.mp4", WHOLE_VIDEO, "no video, or it is damaged"),
        ("whole.mp4", in_frames(60, 90), "none of its 60 frames lies in the segment"),
    ]:
        first = VideoDecoder().frames(one, path, field="data_id", name="v", segment=segment)[0]
        with pytest.raises(DataError) as caught:
            first.read()
        assert caught.value.problem == "data_id holds no video that can be decoded."
        assert caught.value.facts["file"] == "m.jsonl"
        assert reason in caught.value.facts["reason"]


def test_pyav_is_asked_for_before_a_run(published: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the error comes when a video is named, with the command."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    with pytest.raises(DataError, match="cannot be decoded without PyAV") as caught:
        VideoDecoder().frames(row(published), "P01/P01_1.mp4", field="data_id", name="v")

    assert caught.value.facts["what to do"] == 'pip install "pytest-mmbench[video]"'


def test_frames_that_were_cut_out_beforehand(published: Any) -> None:
    """SEED-Bench's own archive has them as `1.png` to `8.png` in a folder for each question."""
    frames_of = {f"task10/ssv2_8_frame/v1738/{at}.png": grey(at) for at in range(1, 9)}
    archive(published.folder / "v1_video.zip", frames_of)
    places = [f"{root}/task10/ssv2_8_frame/v1738" for root in ("frames", "v1_video")]

    found = video.frames_in_folder(row(published), *places, field="question_id", name="seed/v1738")

    assert [each.read() for each in found] == [grey(at) for at in range(1, 9)]
    assert found[7].name == "seed/v1738-8"


def test_a_whole_video_ends_with_its_last_frame_but_one() -> None:
    """As its authors have it for videos without a segment."""
    assert math.isinf(WHOLE_VIDEO.end)
    assert WHOLE_VIDEO.frames(length=100, rate=12.5) == range(99)
