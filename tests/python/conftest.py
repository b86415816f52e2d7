from __future__ import annotations

import pytest
from plain_site import plain_site

from confluence_access import Snapshot


@pytest.fixture(scope="session")
def snapshot() -> Snapshot:
    return Snapshot.from_dict(plain_site())
