"""How long the checks of `mmbench lint` take: `python tests/measure_lint.py [25000]`.

Invented questions, half of them about shared pictures and a quarter without any, many in nearly the
same words; and as many pictures, whose thumbnails are invented and not decoded.
"""

from __future__ import annotations

import random
import sys
import time
from dataclasses import replace

from pytest_mmbench.images.fingerprint import BLOCKS, SIDE, PictureFacts
from pytest_mmbench.lint import CHECKS
from pytest_mmbench.lint.findings import QuestionSet
from pytest_mmbench.lint.lookalikes import alike_digests
from pytest_mmbench.records import LETTERS, Picture, Sample


def invented(count: int) -> QuestionSet:
    """Questions of some 12 words out of 3,000, as MMMU's and POPE's are in length and likeness."""
    draws = random.Random(1)
    letters = "abcdefghiklmnoprstuvw"
    words = ["".join(draws.choices(letters, k=draws.randint(3, 9))) for _ in range(3_000)]
    frames = [" ".join(draws.choices(words, k=9)) for _ in range(300)]
    samples: list[Sample] = []
    pictures: dict[str, tuple[PictureFacts, ...]] = {}
    for number in range(count):
        options = tuple(draws.sample(words, 4))
        sample = Sample(
            id=f"q{number}",
            dimension=f"acme.leaf-{number % 40}",
            question=f"{draws.choice(frames)} {' '.join(draws.choices(words, k=3))}?",
            options=options if number % 5 else (),
            target=LETTERS[draws.randrange(4)] if number % 5 else draws.choice("12345"),
        )
        if number % 4:
            name = f"{number // 2 if number % 2 else number}.png"
            sample = replace(sample, pictures=(Picture(name=name, read=bytes),), cluster=name)
            pictures[sample.id] = (invented_picture(name),)
        else:
            pictures[sample.id] = ()
        samples.append(sample)
    return QuestionSet(samples=tuple(samples), pictures=pictures)


def invented_picture(name: str) -> PictureFacts:
    """A page: white, with something dark in a few places."""
    draws = random.Random(name)
    blocks = [255 - draws.randrange(60) * (draws.random() < 0.3) for _ in range(BLOCKS * BLOCKS)]
    return PictureFacts(
        name=name,
        width=800,
        height=600,
        contrast=40.0,
        digest=name,
        thumbnail=draws.randbytes(SIDE) * SIDE * 3,
        brightness=tuple(blocks),
        tint=(128 + draws.randrange(3), 128 + draws.randrange(3)),
    )


def main() -> None:
    """Prints the seconds of each check, and what it found."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 25_000
    questions = invented(count)
    start = time.process_time()
    questions = replace(questions, alike=alike_digests(questions.pictures.values()))
    total = time.process_time() - start
    print(f"{'alike_digests':<18}{total:8.2f} s")
    for check in CHECKS:
        start = time.process_time()
        found = check(questions)
        seconds = time.process_time() - start
        total += seconds
        named = ", ".join(f"{finding.check} {finding.count:,}" for finding in found)
        print(f"{check.__name__:<18}{seconds:8.2f} s   {named}")
    print(f"{'together':<18}{total:8.2f} s   of the processor, {count:,} questions")


if __name__ == "__main__":
    main()
