"""What the tests of questions share."""

import pytest

from rqbench.api import parse_config
from rqbench_priors.questions.scale import Scale

TINY = {
    "codebook_size": 16,
    "conv": {"channels": 16, "multipliers": [1, 1], "num_res_blocks": 1, "mid_attention": False,
             "embedding": 8, "patch": 4},
    "rq": {"shared_codebook": False},
    "transformer": {"width": 32, "heads": 2},
    "raster": {"layers": 2},
    "depth_stacked": {"body_layers": 1, "depth_layers": 1},
    "coarse_to_fine": {"position_layers": 1, "content_layers": 1},
}  # fmt: skip


@pytest.fixture
def scale():
    """`scale(codebook_size=4)`: a small scale for images of 32 pixels, and what is changed."""
    return lambda **changes: parse_config(Scale, TINY | changes, "experiment.scale")
