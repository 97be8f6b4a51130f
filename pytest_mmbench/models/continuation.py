"""What a network has generated behind a prompt, as an answer: its text, and whether it was cut."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from pytest_mmbench.records import Answer, Request
from pytest_mmbench.records.generation import Marks, before_stop
from pytest_mmbench.scorers.response import is_thought_mark

Tokenizer: TypeAlias = Any
"""A tokenizer of transformers."""


@dataclass(frozen=True, kw_only=True)
class AnswerDecoder:
    """Makes answers of generated tokens."""

    tokenizer: Tokenizer
    end_tokens: Collection[int]

    @cached_property
    def _special(self) -> dict[int, str]:
        """Special tokens that no text shows, by id: reasoning without its marks would be graded."""
        added = getattr(self.tokenizer, "added_tokens_decoder", {}).items()
        named = zip(self.tokenizer.all_special_ids, self.tokenizer.all_special_tokens, strict=True)
        return {**{id: token.content for id, token in added if token.special}, **dict(named)}

    @cached_property
    def keeps_marks(self) -> bool:
        """Whether marks of reasoning are special tokens here, which decoding leaves out."""
        return any(map(is_thought_mark, self._special.values()))

    def answers(
        self, batch: Sequence[Request], rows: Sequence[Sequence[int]], *, limit: int, opened: str
    ) -> list[Answer]:
        """One answer for each row of generated tokens, of which there are at most `limit`.

        `opened` is the mark of the reasoning that the prompts have opened; it stands before it.
        """
        padding = self.tokenizer.pad_token_id
        answers = []
        for request, row in zip(batch, rows, strict=True):
            whole = self._text(row, request.thoughts)
            text = before_stop(whole, request.stop)
            reached = len(row) >= limit and row[-1] not in {*self.end_tokens, padding}
            answers.append(
                Answer(
                    sample=request.sample,
                    text=f"{opened}{text}".strip(),
                    cut_short=bool(reached and text == whole),
                )
            )
        return answers

    def _text(self, row: Sequence[int], thoughts: Marks) -> str:
        if not self.keeps_marks and not thoughts:
            return str(self.tokenizer.decode(row, skip_special_tokens=True))
        shown = [
            token
            for token in row
            if token not in self._special or is_thought_mark(self._special[token], thoughts)
        ]
        return str(self.tokenizer.decode(shown, skip_special_tokens=False))
