"""A toy OpenVK instance with a generated world, for demonstrations and tests.

It answers as the recorded servers of both API generations do, quirks included.
"""

from ovk_archive.demo.invented.generate import WorldSize, generate
from ovk_archive.demo.server.instance import DemoInstance
from ovk_archive.demo.world.world import World

__all__ = ["DemoInstance", "World", "WorldSize", "generate"]
