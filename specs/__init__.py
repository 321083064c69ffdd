"""What vendors promise: a folder of data for each, and the one reader of it."""

from specs.errors import PackError, SpecError
from specs.pack import Operation, Pack
from specs.reader import find_folder, load, names

__all__ = ["Operation", "Pack", "PackError", "SpecError", "find_folder", "load", "names"]
