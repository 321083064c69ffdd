"""What the rules and the constraints' keywords mean, as text for people; the texts themselves are laws and keywords."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


def read_texts(name: str) -> Mapping[str, object]:
    """One of the files of texts beside this module."""
    return MappingProxyType(tomllib.loads(files("contracts.judge").joinpath(name).read_text(encoding="utf-8")))


@cache
def keywords() -> Mapping[str, str]:
    """From a constraint's keyword (`maxLength`, `sum-equals`) to what it asks of a request."""
    return MappingProxyType({name: str(text) for name, text in read_texts("keywords.toml").items()})
