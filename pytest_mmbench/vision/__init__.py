"""Whether a model looks: the same samples with the picture, without it, and with another one.

`joining` brings the rows of several sheets together, and `replies` counts what became of each
sample in each view; `measures` makes one record of a dimension, from a `contrast` of two views and
a `swap` of pictures; `gates` judges it, by the rule in `evidence` and in the words of `sentences`;
`text_only` warns of what is answered unseen.
"""

from pytest_mmbench.vision.contrasts import Contrast, Missing
from pytest_mmbench.vision.gates import (
    Claim,
    VisionVerdict,
    because,
    judge_gain,
    judge_leakage,
)
from pytest_mmbench.vision.joining import joined
from pytest_mmbench.vision.measures import Unreadable, Vision, measure
from pytest_mmbench.vision.replies import (
    NOT_ASKED,
    Fate,
    Fates,
    Look,
    Reply,
    State,
    View,
    count,
    micro,
    reply,
    shared,
)
from pytest_mmbench.vision.swap import Swap
from pytest_mmbench.vision.text_only import TextOnly, text_only

__all__ = [
    "NOT_ASKED",
    "Claim",
    "Contrast",
    "Fate",
    "Fates",
    "Look",
    "Missing",
    "Reply",
    "State",
    "Swap",
    "TextOnly",
    "Unreadable",
    "View",
    "Vision",
    "VisionVerdict",
    "because",
    "count",
    "joined",
    "judge_gain",
    "judge_leakage",
    "measure",
    "micro",
    "reply",
    "shared",
    "text_only",
]
