"""Makes the demo models: a small world of facts, a grammar that tells them, and training on what it tells."""

import os

# Where other programs use the cores too, threads that wait by spinning make training several times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
