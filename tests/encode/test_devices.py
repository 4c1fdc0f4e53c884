from __future__ import annotations

import pytest

from retrieval.encode.devices import Devices, present_accelerators, read_devices
from retrieval.errors import UsageError


@pytest.mark.parametrize("given", [None, "cpu", "1", 1])
def test_one_process_on_the_processor_is_nothing_to_plan(given: str | int | None) -> None:
    assert read_devices(given) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("4", Devices(processes=4)),
        (4, Devices(processes=4)),
        ("cuda", Devices(accelerators=("cuda",))),
        ("cuda:0, cuda:1,cuda:0", Devices(accelerators=("cuda:0", "cuda:1"))),
    ],
)
def test_processes_and_accelerators_are_told_apart(given: str | int, expected: Devices) -> None:
    assert read_devices(given) == expected


@pytest.mark.parametrize("given", ["", "gpu", "cuda:x", "cpu,cuda", "-1", "0", 0])
def test_what_is_no_device_is_refused(given: str | int) -> None:
    with pytest.raises(UsageError):
        read_devices(given)


def test_an_accelerator_that_is_not_there_is_refused_with_what_is() -> None:
    with pytest.raises(UsageError, match=r"cuda:98.*torch finds"):
        present_accelerators(("cuda:98",))
