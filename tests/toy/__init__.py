"""The toy instance as tests use it: it remembers what it was asked, and fails on order."""

from ovk_archive.demo import World, WorldSize, generate
from ovk_archive.demo.server.faults import Faults, Seen
from ovk_archive.demo.server.limiter import Limiter
from toy.instance import DemoInstance

__all__ = ["DemoInstance", "Faults", "Limiter", "Seen", "World", "WorldSize", "generate"]
