"""Frames of videos as pictures: eight of them, decoded when the first is read, with PyAV.

They are chosen by the rule of `model/instruct_blip_interface.py` in AILab-CVC/SEED-Bench.
"""

from __future__ import annotations

import importlib.util
import math
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from pytest_mmbench.benchmarks.readers.rows import Row
from pytest_mmbench.errors import DataError
from pytest_mmbench.images import software_identity
from pytest_mmbench.records import Picture

FRAMES: Final = 8
"""Of a video."""
CACHE_SIZE: Final = 2
"""Samples whose frames stay in memory: pictures of one sample are read one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSegment:
    """The part of a video that a question is about."""

    start: float
    end: float
    unit: Literal["seconds", "frames"]

    def frames(self, *, length: int, rate: float) -> range:
        """Numbers of its frames, of a video of `length` frames, `rate` a second on average.

        Seconds are rounded down, and end with the last frame but one; frames end with the video.
        """
        if self.unit == "frames":
            return range(int(self.start), int(min(self.end, length)))
        start, end = (
            int(min(max(seconds * rate, 0), length - 1)) for seconds in (self.start, self.end)
        )
        return range(start, end)


WHOLE_VIDEO: Final = VideoSegment(start=0, end=math.inf, unit="seconds")
"""What a question without a segment is about."""


def read_segment(row: Row, field: str = "segment") -> VideoSegment:
    """The segment that a row names: whole numbers are frames, others are seconds."""
    texts = row.optional_texts(field)
    if not texts:
        return WHOLE_VIDEO
    try:
        start, end = map(float, texts)
    except ValueError as error:
        raise row.error(field, f"is {', '.join(texts)}, which is not two numbers.") from error
    if not 0 <= start < end:
        raise row.error(field, f"goes from {start} to {end}.")
    are_frames = all(text.isdecimal() for text in texts)
    return VideoSegment(start=start, end=end, unit="frames" if are_frames else "seconds")


def frame_numbers(segment: VideoSegment, *, length: int, rate: float) -> list[int]:
    """Numbers of the eight frames that are shown.

    Of n frames, each eighth of n - 1 gives one: the first lies half an eighth, rounded down, after
    the start, and the others follow at multiples of an eighth, rounded to the nearest even. Where
    SEED takes all of fewer than eight, they are repeated: the number must be known beforehand.
    """
    frames = segment.frames(length=length, rate=rate)
    if not frames:
        raise ValueError(f"none of its {length} frames lies in the segment")
    if len(frames) < FRAMES:
        return [frames[at * len(frames) // FRAMES] for at in range(FRAMES)]
    eighth = (len(frames) - 1) / FRAMES
    return [frames[int(eighth / 2) + round(eighth * at)] for at in range(FRAMES)]


def frames_in_folder(row: Row, *folders: str, field: str, name: str) -> tuple[Picture, ...]:
    """Eight frames that were cut out beforehand: `1.png` to `8.png` of the first such folder."""
    return tuple(
        row.file(*(f"{folder}/{at}.png" for folder in folders), field=field, name=f"{name}-{at}")
        for at in range(1, FRAMES + 1)
    )


class VideoDecoder:
    """Gives frames of the videos of one table, and keeps those that were last decoded."""

    def __init__(self, *, cache_size: int = CACHE_SIZE) -> None:
        self._cache_size = cache_size
        self._cache: OrderedDict[tuple[tuple[str, ...], VideoSegment], tuple[bytes, ...]] = (
            OrderedDict()
        )

    def frames(
        self, row: Row, *paths: str, field: str, name: str, segment: VideoSegment = WHOLE_VIDEO
    ) -> tuple[Picture, ...]:
        """Eight frames, as PNG, of the first of these videos, opened when one of them is read."""
        if importlib.util.find_spec("av") is None:
            remedy = 'pip install "pytest-mmbench[video]"'
            problem = "videos cannot be decoded without PyAV, which is not installed."
            raise DataError(problem, asked_for_by=name, what_to_do=remedy)

        def identity(at: int) -> str:
            video, decoder = row.source.files.identity(*paths), software_identity("av", "pillow")
            clip = f"{segment.start}-{segment.end} {segment.unit} {at} of {FRAMES}"
            return f"{video}|{clip}|{decoder}" if video and decoder else ""

        return tuple(
            Picture(
                name=f"{name}-{at + 1}",
                read=partial(self._read_frame, row, paths, field, segment, at),
                identity=partial(identity, at),
            )
            for at in range(FRAMES)
        )

    def _read_frame(
        self, row: Row, paths: tuple[str, ...], field: str, segment: VideoSegment, at: int
    ) -> bytes:
        key = (paths, segment)
        if key not in self._cache:
            # PyAV takes a tenth of a second to load, which only videos need to pay.
            from pytest_mmbench.benchmarks.readers import frames  # noqa: PLC0415

            with (
                row.data_errors(field, what="video that can be decoded"),
                row.source.files.open(*paths) as file,
            ):
                select = partial(frame_numbers, segment)
                self._cache[key] = tuple(frames.decode_frames(file, select))
            while len(self._cache) > self._cache_size:
                self._cache.popitem(last=False)
        self._cache.move_to_end(key)
        return self._cache[key][at]
