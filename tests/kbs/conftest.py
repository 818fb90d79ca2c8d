"""The shipped standard and an invented one of another shape."""

from pathlib import Path

import pytest

from kbs.catalogue import Catalogue, load_catalogue, load_standard
from kbs.statements import Standard

INVENTED = Path(__file__).parent / "standards"


@pytest.fixture(scope="session")
def shipped() -> Standard:
    return load_catalogue().default()


@pytest.fixture(scope="session")
def invented() -> Standard:
    return load_standard(INVENTED / "xt0007-2.3.yaml")


@pytest.fixture
def catalogue() -> Catalogue:
    return load_catalogue()
