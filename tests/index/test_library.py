from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from retrieval.index.library import (
    CORE_VARIABLE,
    PRODUCT_SIZE,
    faiss_library,
    faiss_products,
    faiss_threads,
    kernels_for,
)
from retrieval.processor import processor_features

_LOADED = """
import json, os, numpy
from retrieval.index.library import faiss_library
faiss_library()
import threadpoolctl
found = [one for one in threadpoolctl.threadpool_info() if "faiss" in one["filepath"]]
cores = [one["architecture"] for one in found if one["internal_api"] == "openblas"]
print(json.dumps([cores, os.environ.get("OPENBLAS_CORETYPE")]))
"""


def loaded(**environment: str) -> tuple[list[str], str | None]:
    """Return whose kernels FAISS's OpenBLAS took in a process of its own, and what is left set."""
    others = {name: value for name, value in os.environ.items() if name != CORE_VARIABLE}
    done = subprocess.run(
        [sys.executable, "-c", _LOADED],
        env={**others, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    cores, left = json.loads(done.stdout)
    return cores, left


@pytest.mark.skipif(
    not kernels_for(processor_features()), reason="FAISS's OpenBLAS is left to itself here"
)
def test_products_use_the_kernels_of_this_processor() -> None:
    cores, left = loaded()
    if not cores:
        pytest.skip("this FAISS brings no OpenBLAS")
    assert cores == [kernels_for(processor_features())]
    assert left is None


def test_what_the_environment_says_stands() -> None:
    cores, left = loaded(**{CORE_VARIABLE: "Prescott"})
    assert left == "Prescott"
    assert cores in ([], ["Prescott"])


@pytest.mark.parametrize(
    ("features", "core"),
    [
        (("avx2", "fma", "avx512f", "avx512_vnni"), "SkylakeX"),
        (("avx2", "fma", "avx512f"), ""),
        (("avx2", "fma"), "Haswell"),
        (("avx2",), ""),
        (("asimd", "bf16"), ""),
        ((), ""),
    ],
)
def test_kernels_need_all_their_instructions(features: tuple[str, ...], core: str) -> None:
    assert kernels_for(features) == core


def test_a_batch_is_one_product_from_fewer_queries_on() -> None:
    faiss = faiss_library()
    before = faiss.cvar.distance_compute_blas_threshold
    with faiss_threads(faiss, 1), faiss_products(faiss, 4):
        assert faiss.cvar.distance_compute_blas_threshold == min(before, PRODUCT_SIZE)
    assert faiss.cvar.distance_compute_blas_threshold == before


def test_few_queries_are_no_product() -> None:
    faiss = faiss_library()
    before = faiss.cvar.distance_compute_blas_threshold
    with faiss_products(faiss, 3):
        assert faiss.cvar.distance_compute_blas_threshold == before


def test_searches_at_once_leave_the_bound_as_it_was() -> None:
    faiss = faiss_library()
    before = faiss.cvar.distance_compute_blas_threshold
    with faiss_threads(faiss, 1):
        first, second = faiss_products(faiss, 4), faiss_products(faiss, 4)
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert faiss.cvar.distance_compute_blas_threshold < before
        second.__exit__(None, None, None)
    assert faiss.cvar.distance_compute_blas_threshold == before


def test_the_bound_of_others_is_put_back_after_a_failure() -> None:
    faiss = faiss_library()
    before = faiss.cvar.distance_compute_blas_threshold
    with pytest.raises(RuntimeError), faiss_products(faiss, 4):
        raise RuntimeError
    assert faiss.cvar.distance_compute_blas_threshold == before
