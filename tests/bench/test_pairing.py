"""What a whole process takes."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from bench.pairing import spent

SMALL = [sys.executable, "-S", "-c", "pass"]
LARGE = [sys.executable, "-S", "-c", "kept = b'x' * (200 << 20)"]


def test_a_peak_is_that_of_the_process_itself() -> None:
    kept = np.ones(50 << 20)  # 400 MiB of this process, which are none of the other's
    assert spent(SMALL).peak_mib < 100
    assert spent(LARGE).peak_mib > 200
    assert len(kept)


def test_a_process_that_fails_gives_no_figure() -> None:
    with pytest.raises(SystemExit, match=r"ended with 3: .*the reason"):
        spent([sys.executable, "-c", "import sys; print('the reason', file=sys.stderr); exit(3)"])
