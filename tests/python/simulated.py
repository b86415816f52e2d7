"""A simulator for the tests of one module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest

from confluence_access import Simulator


def simulated(*, scope: Literal["function", "module"] = "function", **settings: Any) -> Any:
    """The fixture `simulator` of a module that needs one for each test.

    The shared one of `conftest.py` is one per module. A request it does not know fails the test.
    """

    @pytest.fixture(scope=scope)
    def simulator() -> Iterator[Simulator]:
        with Simulator(**settings) as simulator:
            yield simulator
            assert simulator.unexpected == []

    return simulator
