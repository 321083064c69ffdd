"""From a name or a folder to a Pack: the one way into a vendor's documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from specs.documents import FILES, METHODS, read_documents
from specs.errors import PackError
from specs.pack import Behaviour, Operation, Pack, read_behaviour, read_operation
from specs.pointers import Json

_SHIPPED = Path(__file__).parent
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_NONE: Mapping[str, bool] = MappingProxyType({})


def names() -> list[str]:
    """The vendors that come with the distribution."""
    return sorted(folder.name for folder in _SHIPPED.iterdir() if (folder / FILES[0]).is_file())


def find_folder(name_or_path: str | Path) -> Path:
    """The folder of a shipped vendor, or the user's own."""
    text = str(name_or_path)
    if text in names():
        return _SHIPPED / text
    folder = Path(text).expanduser()
    if folder.is_dir():
        return folder.resolve()
    raise PackError(
        text,
        "",
        "is neither a vendor nor a folder",
        f"Vendors: {', '.join(names())}; or give the path of a pack",
    )


def load(
    name_or_path: str | Path, *, lenient: bool = False, options: Mapping[str, bool] = _NONE
) -> Pack:
    """The pack of a vendor: by name, or the folder of one of your own.

    `options` switches named options of behaviour.yaml; `lenient` accepts what `x-lenient` lists. PackError says what
    is wrong with a pack that can't be used.
    """
    folder = find_folder(name_or_path)
    if not _NAME.fullmatch(folder.name):
        raise PackError(
            folder,
            "",
            f"{folder.name!r} can't be a vendor's name",
            "Use lower-case letters, digits, - and _",
        )
    documents = read_documents(folder, options, lenient=lenient)
    says = documents["behaviour"]
    _known_options(folder, says, options)
    behaviour = read_behaviour(says)
    _consistent(folder, behaviour)
    operations = _operations(folder, documents["openapi"], says, behaviour, lenient=lenient)
    switched = {
        name: options.get(name, option["enabled"])
        for name, option in says.get("options", {}).items()
    }
    return Pack(
        name=folder.name,
        folder=folder,
        openapi=documents["openapi"],
        behaviour=behaviour,
        operations=MappingProxyType(operations),
        options=MappingProxyType(switched),
    )


def _known_options(folder: Path, says: Json, options: Mapping[str, bool]) -> None:
    known = says.get("options", {})
    for name in options:
        if name not in known:
            raise PackError(
                folder / FILES[1],
                "/options",
                f"there is no option {name!r}",
                f"Options: {', '.join(known) or 'none'}",
            )


def _consistent(folder: Path, behaviour: Behaviour) -> None:
    file = folder / FILES[1]
    media, callbacks = behaviour.media, behaviour.callbacks
    if media is not None and media.failure not in behaviour.failures.kinds:
        raise PackError(
            file,
            "/media/failure",
            f"there is no failure {media.failure!r}",
            f"Kinds: {', '.join(behaviour.failures.kinds)}",
        )
    for situation in (behaviour.model.missing, behaviour.model.unknown) if behaviour.model else ():
        if situation is not None and situation not in behaviour.refusals:
            raise PackError(
                file, "/model", f"there is no refusal {situation!r}", "Add it to refusals"
            )
    named = [answer.items[0] for answer in behaviour.answers.values() if answer.items]
    named += [callbacks["body"]["answer"]] if callbacks and "answer" in callbacks["body"] else []
    for name in named:
        if name not in behaviour.answers:
            raise PackError(
                file,
                "/answers",
                f"there is no answer {name!r}",
                f"Answers: {', '.join(behaviour.answers)}",
            )


def _operations(
    folder: Path, openapi: Json, says: Json, behaviour: Behaviour, *, lenient: bool
) -> dict[str, Operation]:
    spoken_of = dict(says["operations"])
    found: dict[str, Operation] = {}
    for path, item in openapi["paths"].items():
        for method in METHODS:
            if method in item:
                operation = _operation(
                    folder, path, method, item, spoken_of, behaviour, lenient=lenient
                )
                found[operation.id] = operation
    for name in spoken_of:
        if name not in found:
            raise PackError(
                folder / FILES[1],
                f"/operations/{name}",
                "openapi.yaml has no such operationId",
                f"It has: {', '.join(found)}",
            )
    return found


def _operation(
    folder: Path,
    path: str,
    method: str,
    item: Json,
    spoken_of: Mapping[str, Json],
    behaviour: Behaviour,
    *,
    lenient: bool,
) -> Operation:
    name = item[method].get("operationId")
    place = f"/paths/{path.replace('/', '~1')}/{method}"
    if name is None:
        raise PackError(folder / FILES[0], place, "has no operationId", "Give it one")
    if name not in spoken_of:
        raise PackError(
            folder / FILES[1],
            "/operations",
            f"says nothing about {name}",
            "Say its role, tasks and answer",
        )
    if spoken_of[name]["answer"] not in behaviour.answers:
        answers = ", ".join(behaviour.answers)
        raise PackError(
            folder / FILES[1],
            f"/operations/{name}/answer",
            f"there is no answer {spoken_of[name]['answer']!r}",
            f"Answers: {answers}",
        )
    try:
        return read_operation(
            method, path, item, spoken_of[name], behaviour.refusals, lenient=lenient
        )
    except (KeyError, ValueError, TypeError) as problem:
        raise PackError(
            folder / FILES[0], place, f"can't be read ({problem})", "`understudy lint` says more"
        ) from None
