"""How fast systems draw images, how far that is from what the device allows, and whether what was
drawn is right."""

from .bench import Bench, PublishedSpeed, Setting, SystemSpec, load_bench
from .measure import Measured, measure_speed

__all__ = [
    "Bench",
    "Measured",
    "PublishedSpeed",
    "Setting",
    "SystemSpec",
    "load_bench",
    "measure_speed",
]
