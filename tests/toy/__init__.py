"""The toy instance as tests use it: it remembers what it was asked, and fails on order."""

from ovk_archive.demo import World, WorldSize, generate
from toy.faults import Faults, Seen
from toy.instance import DemoInstance
from toy.limiter import Limiter

__all__ = ["DemoInstance", "Faults", "Limiter", "Seen", "World", "WorldSize", "generate"]
