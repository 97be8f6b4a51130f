"""The answers that people have accepted of a model, and what became of them since.

Answers are compared sample by sample, by `compare` and its rule of near ties:

1. An answer that rounding decides, before and now, is listed and never counted.
2. Any other changed answer fails, also one that is right now: what was accepted is what the model
   says, and a change that is welcome is accepted.
3. A sample without an accepted answer fails, as nobody has looked at its answer yet.
4. Accepted answers to other questions are not compared at all: other data, wording, method or rule
   of scoring.

Accepting keeps the answers to samples that were not asked, so that a limited run loses none.
"""

from pytest_mmbench.acceptance.accepted import Accepted, accept, taken
from pytest_mmbench.acceptance.judging import Acceptance, judge
from pytest_mmbench.acceptance.sentences import because, told

__all__ = ["Acceptance", "Accepted", "accept", "because", "judge", "taken", "told"]
