"""Two models on the same samples: which answers changed, and what the changes amount to.

An answer that changed although both models found its two best options nearly equal is a *near tie*:
rounding decides it, and would decide it otherwise on another machine. Near ties are listed and
never counted. A sample whose answer flipped in a near tie counts as what it was before, right or
not right, for `lost`, `gained`, tests and intervals. Leaving it out instead would shrink the number
of samples, and counting it would let the gate of an unchanged model fail by batch size. This cannot
hide a fall that the model is sure of, since it takes both margins; and what near ties did is shown
beside it (`near_lost`, `near_gained`).
"""

from pytest_mmbench.compare.changes import Flip, Judged, Kind, judged
from pytest_mmbench.compare.comparison import Comparison, Procedure
from pytest_mmbench.compare.pairing import compare

__all__ = ["Comparison", "Flip", "Judged", "Kind", "Procedure", "compare", "judged"]
