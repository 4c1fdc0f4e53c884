"""The process of a ``WorkerForward``: ``python -m retrieval.encode.worker_child``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import orjson

from retrieval.encode.exported import read_exported
from retrieval.encode.forward_plan import ForwardPlan, open_forward
from retrieval.encode.precision import Precision
from retrieval.encode.worker_forward import read_passages
from retrieval.fsops import LocalFiles


def main(words: Sequence[str] | None = None) -> int:
    """Answer passages with vectors until standard input ends; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m retrieval.encode.worker_child")
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--graph", required=True, type=Path)
    parser.add_argument("--precision", required=True, type=Precision)
    parser.add_argument("--device", required=True)
    parser.add_argument("--threads", required=True, type=int)
    plan = ForwardPlan(**vars(parser.parse_args(words)))
    # what libraries print goes to standard error; answers alone go where they are read
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when this ends
    exported = read_exported(LocalFiles(), plan.folder)
    if exported is None:
        return 1
    forward = open_forward(plan, exported)
    answers.write(orjson.dumps(asdict(forward.numerics)) + b"\n")
    answers.flush()
    while (ids := read_passages(sys.stdin.buffer)) is not None:
        rows = np.empty((len(ids), exported.identity.dim), dtype=np.float32)
        forward.fill(ids, rows)
        answers.write(rows.tobytes())
        answers.flush()
    forward.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
