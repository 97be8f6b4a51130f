"""Models: a checkpoint of transformers in this process, and a scripted one; loaded by name."""

from __future__ import annotations

import os

# Read by OpenMP when torch is loaded: threads that wait by spinning starve whoever shares a core,
# other workers of pytest-xdist first of all.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
