from __future__ import annotations

from tests.serving.fixtures import start as start
