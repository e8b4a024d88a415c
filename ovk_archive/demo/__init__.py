"""A toy OpenVK instance with a generated world, for demonstrations, tests and benchmarks.

It answers as the recorded servers of both API generations do, quirks included.
"""

from ovk_archive.demo.faults import Faults, Seen
from ovk_archive.demo.generate import WorldSize, generate
from ovk_archive.demo.instance import DemoInstance
from ovk_archive.demo.limiter import Limiter
from ovk_archive.demo.world import World

__all__ = ["DemoInstance", "Faults", "Limiter", "Seen", "World", "WorldSize", "generate"]
