"""Brokers and workers for the tests of the streams."""

from collections.abc import Iterator

import pytest

from support.brokers import Broker, broker
from support.detect_scene import Scene

__all__ = ["broker", "scene"]


@pytest.fixture
def scene(broker: Broker) -> Iterator[Scene]:
    """Topics of its own on the broker, and workers that do not outlive the test."""
    scene = Scene(broker, broker.topics(4))
    yield scene
    scene.end()
