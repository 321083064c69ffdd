"""Reads an overlay file, and finds out for which vendor it is when several are served.

overlay: 1.0.0
info: {title: Shorter films, version: 1.0.0}
actions:
  - {target: "$.openapi.components.schemas.Order.properties.duration", update: {maximum: 10}}
  - {target: "$.behaviour.lifecycle.words", update: {done: finished}}
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson
from jsonpath import JSONPathEnvironment, JSONPathError

from specs.documents import read_yaml
from specs.errors import PackError
from specs.overlay import HALVES, Action, Overlay
from specs.pack import Pack
from specs.pointers import Json

_VERSION = re.compile(r"1\.[01]\.\d+")
_ACTIONS_MAX = 10_000
_MEMBERS = ("overlay", "info", "extends", "actions")
_ACTION_MEMBERS = ("target", "description", "update", "remove")
_SAMPLE = "An overlay has `overlay: 1.0.0`, `info` with title and version, and `actions`"
# RFC 9535 to the letter: what this takes, other tools take too.
_PATHS = JSONPathEnvironment(strict=True)


def read_overlay(path: str | Path) -> Overlay:
    """The overlay in a YAML or JSON file; PackError says file, place, what is wrong and the way out."""
    try:
        value = read_yaml(Path(path))
    except PackError as problem:
        # Without a place the way out is about packs.
        raise PackError(path, problem.place, problem.problem, problem.way_out if problem.place else _SAMPLE) from None
    return _Reader(str(path)).overlay(value)


class _Reader:
    """Checks the shapes of one file."""

    def __init__(self, file: str) -> None:
        self._file = file

    def overlay(self, value: Json) -> Overlay:
        """The whole file."""
        if not isinstance(value, Mapping) or not isinstance(value.get("overlay"), str):
            raise PackError(self._file, "", "is no overlay", _SAMPLE)
        if not _VERSION.fullmatch(value["overlay"]):
            raise PackError(
                self._file, "/overlay", f"{value['overlay']!r} is no version that is known here", "Write 1.0.0"
            )
        self._members(value, _MEMBERS, "")
        info, actions, extends = value.get("info"), value.get("actions"), value.get("extends")
        if not isinstance(info, Mapping) or not all(isinstance(info.get(name), str) for name in ("title", "version")):
            raise PackError(self._file, "/info", "has to have a title and a version, both texts", _SAMPLE)
        if not isinstance(actions, list) or not 0 < len(actions) <= _ACTIONS_MAX:
            raise PackError(self._file, "/actions", f"has to be a list of 1 to {_ACTIONS_MAX} actions", _SAMPLE)
        if extends is not None and not isinstance(extends, str):
            raise PackError(self._file, "/extends", "is no text", "Write the vendor's name, or leave it out")
        read = tuple(self._action(each, f"/actions/{number}") for number, each in enumerate(actions))
        return Overlay(self._file, orjson.dumps(actions), extends, read)

    def _members(self, value: Mapping[str, Json], known: Sequence[str], at: str) -> None:
        for name in value:
            if name not in known and not name.startswith("x-"):
                raise PackError(
                    self._file, f"{at}/{name}", f"there is no member {name!r}", f"Members: {', '.join(known)}"
                )

    def _action(self, value: Json, at: str) -> Action:
        if not isinstance(value, Mapping) or not isinstance(value.get("target"), str):
            raise PackError(self._file, at, "has no target", "An action has a target, and update or remove")
        self._members(value, _ACTION_MEMBERS, at)
        remove = value.get("remove", False)
        if not isinstance(remove, bool):
            raise PackError(self._file, f"{at}/remove", "is neither true nor false", "Write remove: true")
        if "update" not in value and not remove:
            raise PackError(self._file, at, "changes nothing", "Write update or remove: true")
        try:
            path = _PATHS.compile(value["target"])
        except JSONPathError as problem:
            message = f"{value['target']!r} is no JSONPath ({str(problem).splitlines()[0]})"
            raise PackError(
                self._file, f"{at}/target", message, "Write something like $.openapi.paths['/films'].post"
            ) from None
        return Action(at=at, target=value["target"], path=path, update=value.get("update"), remove=remove)


def names_meant(overlay: Overlay, names: Sequence[str]) -> list[str]:
    """The vendors among those served that the overlay is for.

    One that is served alone is meant. Of several, `extends` names it, or else each target has to begin with a name.
    """
    if len(names) == 1:
        return list(names)
    if overlay.extends is not None:
        return [_extended(overlay, overlay.extends, names)]
    for action in overlay.actions:
        if str(action.path).startswith(tuple(f"$['{half}']" for half in HALVES)):
            problem = f"{action.target} could mean each of {', '.join(names)}"
            way_out = f"Serve one, say `extends: {names[0]}`, or begin with $.{names[0]}"
            raise PackError(overlay.file, f"{action.at}/target", problem, way_out)
    return list(names)


def idle_everywhere(packs: Sequence[Pack]) -> list[str]:
    """The actions that found nothing to change in any of the packs that the overlay was laid over."""
    return [each for each in packs[0].idle if all(each in pack.idle for pack in packs)]


def _extended(overlay: Overlay, extends: str, names: Sequence[str]) -> str:
    """`acme`, `./acme`, `specs/acme/openapi.yaml` and the like are all the vendor acme."""
    parts = [part for part in re.split(r"[/\\]", extends) if part and part not in ("openapi.yaml", "behaviour.yaml")]
    if not parts or parts[-1] not in names:
        problem = f"{extends!r} is no vendor that is served"
        raise PackError(overlay.file, "/extends", problem, f"Served: {', '.join(names)}")
    return parts[-1]
