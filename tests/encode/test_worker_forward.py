from __future__ import annotations

import io
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.encode.exported import GRAPH_NAME
from retrieval.encode.forward_plan import ForwardPlan
from retrieval.encode.precision import Precision
from retrieval.encode.shared_forward import SharedForward
from retrieval.encode.worker_forward import WorkerForward, read_passages, send_passages
from retrieval.errors import ModelError
from tests.encode.models import made_models, tiny_encoder
from tests.encode.texts import varied_texts


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_models(tmp_path_factory)


def plan(home: Path) -> ForwardPlan:
    folder = home / "max" / "export"
    return ForwardPlan(
        folder=folder,
        graph=folder / GRAPH_NAME,
        precision=Precision.FP32,
        device="cpu",
        threads=1,
    )


@given(st.lists(st.lists(st.integers(0, 2**31), min_size=1), min_size=1))
def test_passages_arrive_as_they_were_sent(passages: list[list[int]]) -> None:
    stream = io.BytesIO()
    send_passages(stream, [np.array(one, dtype=np.int64) for one in passages])
    stream.seek(0)
    found = read_passages(stream)
    assert found is not None
    assert [one.tolist() for one in found] == passages
    assert read_passages(stream) is None


def test_passages_cut_short_are_an_error() -> None:
    stream = io.BytesIO()
    send_passages(stream, [np.arange(5, dtype=np.int64)])
    with pytest.raises(EOFError):
        read_passages(io.BytesIO(stream.getvalue()[:-1]))


def test_two_processes_give_what_one_gives(home: Path) -> None:
    encoder, texts = tiny_encoder(home, "max"), varied_texts(60)
    expected = encoder.encode_passages(texts)
    ids = encoder.passage_ids(texts)
    rows = np.empty_like(expected)
    workers = [WorkerForward(plan(home)) for _ in range(2)]
    with closing(SharedForward(workers, share_tokens=200)) as shared:
        assert shared.numerics == encoder.numerics
        shared.fill(ids, rows)
        np.testing.assert_allclose(rows, expected, atol=1e-5)
        shared.fill([], rows[:0])


def test_a_process_that_does_not_start_is_named_by_its_code(home: Path) -> None:
    child = (sys.executable, "-c", "raise SystemExit(7)")
    worker = WorkerForward(plan(home), child=child)
    with closing(worker), pytest.raises(ModelError, match="code 7"):
        worker.fill([np.array([2, 3])], np.empty((1, 32), dtype=np.float32))


def test_a_process_that_ends_at_work_is_named_by_its_code(home: Path) -> None:
    program = 'print(\'{"precision": "fp32", "runtime": "none"}\', flush=True)'
    worker = WorkerForward(plan(home), child=(sys.executable, "-c", program))
    assert worker.numerics.precision == "fp32"
    with closing(worker), pytest.raises(ModelError, match="ended"):
        worker.fill([np.array([2, 3])], np.empty((1, 32), dtype=np.float32))


def test_no_passages_need_no_process(home: Path) -> None:
    child = (sys.executable, "-c", "raise SystemExit(7)")
    with closing(WorkerForward(plan(home), child=child)) as worker:
        worker.fill([], np.empty((0, 32), dtype=np.float32))
