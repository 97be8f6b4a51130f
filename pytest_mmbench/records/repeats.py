"""What is known of a score whose questions were asked several times."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatStats:
    """What asking each question several times shows of a score, and what more would show.

    Variances are those of what a question earns, for questions that count the same.
    """

    number: int
    """How many times each question was asked."""
    majority: float
    """The score of the commonest answer to each question, a fraction; ties earn their mean."""
    pass_at: tuple[float, ...]
    """The share of questions that one of so many answers gets in full, from 1 to `number`; the
    unbiased estimate of M. Chen et al., arXiv:2107.03374 (2021)."""
    within: float
    """Variance between the answers to one question."""
    between: float
    """Variance between questions, once that of their answers is taken off; 0 if that is larger."""
    standard_errors: tuple[float, ...]
    """Of the score: with one answer a question, with two, and so on; one more than were asked."""
    more_questions: float
    """The standard error with 100 questions more, each asked as often."""

    @property
    def standard_error(self) -> float:
        """Of the score as it was asked."""
        return self.standard_errors[self.number - 1]
