"""Frames of videos as pictures: eight of them, chosen as SEED-Bench chooses them.

The rule is that of `model/instruct_blip_interface.py` in AILab-CVC/SEED-Bench. A video is decoded
when a frame of a sample is first asked for, once for all eight; the frames of the last samples
stay in memory. Decoding needs PyAV, which the extra `video` installs.
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
from pytest_mmbench.images.identity import made_by
from pytest_mmbench.records import Picture

FRAMES: Final = 8
"""Of a video."""


KEPT: Final = 2
"""Samples whose frames stay in memory: pictures of one sample are read one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The part of a video that a question is about."""

    start: float
    end: float
    unit: Literal["seconds", "frames"]

    def frames(self, *, length: int, rate: float) -> range:
        """Numbers of the frames in it.

        Seconds become frames by the average rate, rounded down, and end with the last frame but
        one; frames end with the video.

        Args:
            length: frames of the video.
            rate: frames per second.
        """
        if self.unit == "frames":
            return range(int(self.start), int(min(self.end, length)))
        moments = (each * rate for each in (self.start, self.end))
        start, end = (int(min(max(each, 0), length - 1)) for each in moments)
        return range(start, end)


WHOLE: Final = Segment(start=0, end=math.inf, unit="seconds")
"""What a question without a segment is about."""


def segment(row: Row, field: str = "segment") -> Segment:
    """What a row says of its segment: whole numbers are frames, others are seconds.

    Raises:
        DataError: it is not two numbers, the second of them greater.
    """
    found = row.texts(field)
    if not found:
        return WHOLE
    try:
        start, end = map(float, found)
    except ValueError as error:
        raise row.error(field, f"is {', '.join(found)}, which is not two numbers.") from error
    if not 0 <= start < end:
        raise row.error(field, f"goes from {start} to {end}.")
    whole = all(each.isdecimal() for each in found)
    return Segment(start=start, end=end, unit="frames" if whole else "seconds")


def chosen(segment: Segment, *, length: int, rate: float) -> list[int]:
    """Numbers of the eight frames that are shown.

    Of n frames, each eighth of n - 1 gives one: the first lies half an eighth, rounded down, after
    the start, and the others follow at multiples of an eighth, rounded to the nearest even. SEED
    takes all frames of a segment that has fewer than eight; here they are repeated, because how
    many pictures a sample has must be known before its video is opened.

    Raises:
        ValueError: the segment holds no frame.
    """
    frames = segment.frames(length=length, rate=rate)
    if not frames:
        raise ValueError(f"none of its {length} frames lies in the segment")
    if len(frames) < FRAMES:
        return [frames[at * len(frames) // FRAMES] for at in range(FRAMES)]
    eighth = (len(frames) - 1) / FRAMES
    return [frames[int(eighth / 2) + round(eighth * at)] for at in range(FRAMES)]


def in_folder(row: Row, *folders: str, field: str, name: str) -> tuple[Picture, ...]:
    """Eight frames that were cut out beforehand: `1.png` to `8.png` of the first such folder."""
    return tuple(
        row.file(*(f"{folder}/{at}.png" for folder in folders), field=field, name=f"{name}-{at}")
        for at in range(1, FRAMES + 1)
    )


class Clips:
    """Videos of one table, and the frames that were last decoded of them."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self._kept = kept
        self._decoded: OrderedDict[tuple[tuple[str, ...], Segment], tuple[bytes, ...]] = (
            OrderedDict()
        )

    def frames(
        self, row: Row, *paths: str, field: str, name: str, segment: Segment = WHOLE
    ) -> tuple[Picture, ...]:
        """Eight frames, as PNG, of a video that is opened when the first of them is asked for.

        Args:
            row: whose source knows where paths start.
            paths: where the video may lie; the first that is there is decoded.
            field: where its name was read, for messages.
            name: what the frames are called, their numbers following.
            segment: the part of it that is shown.

        Raises:
            DataError: PyAV is not installed.
        """
        if importlib.util.find_spec("av") is None:
            remedy = 'pip install "pytest-mmbench[video]"'
            problem = "videos cannot be decoded without PyAV, which is not installed."
            raise DataError(problem, asked_for_by=name, what_to_do=remedy)
        return tuple(
            Picture(
                name=f"{name}-{at + 1}",
                read=partial(self._frame, row, paths, field, segment, at),
                identity=partial(_identity, row, paths, segment, at),
            )
            for at in range(FRAMES)
        )

    def _frame(
        self, row: Row, paths: tuple[str, ...], field: str, segment: Segment, at: int
    ) -> bytes:
        key = (paths, segment)
        if key not in self._decoded:
            with row.data_errors(field, what="video that can be decoded"):
                self._decoded[key] = self._decode(row, paths, segment)
            while len(self._decoded) > self._kept:
                self._decoded.popitem(last=False)
        self._decoded.move_to_end(key)
        return self._decoded[key][at]

    def _decode(self, row: Row, paths: tuple[str, ...], segment: Segment) -> tuple[bytes, ...]:
        # PyAV takes a tenth of a second to load, which only videos need to pay.
        from pytest_mmbench.benchmarks.readers import frames  # noqa: PLC0415

        with row.source.files.open(*paths) as file:
            return tuple(frames.decode(file, partial(chosen, segment)))


def _identity(row: Row, paths: tuple[str, ...], segment: Segment, at: int) -> str:
    """The video, and everything that makes a frame of it."""
    video, decoder = row.source.files.identity(*paths), made_by("av", "pillow")
    clip = f"{segment.start}-{segment.end} {segment.unit} {at} of {FRAMES}"
    return f"{video}|{clip}|{decoder}" if video and decoder else ""
