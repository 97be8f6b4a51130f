"""Levenshtein's distance between a long text and a short one."""

from __future__ import annotations


def distance(one: str, other: str) -> int:
    """How many characters have to be put in, taken out or replaced to turn one into the other.

    Walks along the shorter text and keeps, for every number of characters saved so far, how little
    of the longer text that took: a character that is found saves two, one that is replaced saves
    one. The time depends on the square of the shorter length, and on the longer one only by
    `str.find`.
    """
    short, long = sorted((one, other), key=len)
    reached = {0: 0}
    for letter in short:
        reached = _step(letter, reached, long)
    return len(short) + len(long) - max(reached)


def _step(letter: str, reached: dict[int, int], long: str) -> dict[int, int]:
    """What one more character of the shorter text may save, and how far along the longer one."""
    last = long.rfind(letter)
    after: dict[int, int] = {}
    for saved, used in reached.items():
        found = long.find(letter, used) + 1 if used <= last else len(long) + 1
        for more, end in ((0, used), (1, used + 1), (2, found)):
            if end <= min(len(long), after.get(saved + more, end)):
                after[saved + more] = end
    return after
