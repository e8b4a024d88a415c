"""A toy OpenVK instance with a generated world, for demonstrations, tests and benchmarks.

It answers as the recorded servers of both API generations do, quirks included.
"""

from ovk_archive.demo.invented.generate import WorldSize, generate
from ovk_archive.demo.server.faults import Faults, Seen
from ovk_archive.demo.server.instance import DemoInstance
from ovk_archive.demo.server.limiter import Limiter
from ovk_archive.demo.world.world import World

__all__ = ["DemoInstance", "Faults", "Limiter", "Seen", "World", "WorldSize", "generate"]
