"""From a name or a folder to a Pack: the one way into a vendor's documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from specs.documents import FILES, METHODS, Overlaying, read_documents
from specs.errors import PackError
from specs.pack import Behaviour, Operation, Pack, Place, read_behaviour, read_operation
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
    if _NAME.fullmatch(text) and (_SHIPPED / text / FILES[0]).is_file():
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
    name_or_path: str | Path,
    *,
    lenient: bool = False,
    options: Mapping[str, bool] = _NONE,
    overlay: str | Path | Overlaying | None = None,
) -> Pack:
    """The pack of a vendor: by name, or the folder of one of your own.

    `options` switches named options of behaviour.yaml; `lenient` accepts what `x-lenient` lists; `overlay`, a file or
    one that was read, is laid over it first. PackError says what is wrong with a pack that can't be used.
    """
    folder = find_folder(name_or_path)
    if not _NAME.fullmatch(folder.name):
        raise PackError(
            folder,
            "",
            f"{folder.name!r} can't be a vendor's name",
            "Use lower-case letters, digits, - and _",
        )
    if isinstance(overlay, str | Path):
        # Imported here for start-up: few packs are overlaid.
        from specs.overlay_file import read_overlay

        overlay = read_overlay(overlay)
    if overlay is None:
        return _read(folder, options, None, lenient=lenient)
    try:
        return _read(folder, options, overlay, lenient=lenient)
    except PackError as problem:
        if problem.file == overlay.file:
            raise
        laid = f"{problem.file} under {overlay.file}"
        raise PackError(laid, problem.place, problem.problem, problem.way_out) from None


def _read(folder: Path, options: Mapping[str, bool], overlay: Overlaying | None, *, lenient: bool) -> Pack:
    documents = read_documents(folder, options, overlay, lenient=lenient)
    says = documents["behaviour"]
    _known_options(folder, says, options)
    behaviour = read_behaviour(says)
    _consistent(folder, behaviour)
    reader = _Operations(folder, says, behaviour, lenient=lenient)
    operations = reader.read(documents["openapi"]["paths"], may_be_gone=overlay is not None)
    switched = {name: options.get(name, option["enabled"]) for name, option in says.get("options", {}).items()}
    return Pack(
        name=folder.name,
        folder=folder,
        openapi=documents["openapi"],
        behaviour=behaviour,
        operations=MappingProxyType(operations),
        options=MappingProxyType(switched),
        idle=tuple(documents.get("idle", ())),
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
            raise PackError(file, "/model", f"there is no refusal {situation!r}", "Add it to refusals")
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


class _Operations:
    """Reads the operations of one pack: openapi.yaml and behaviour.yaml have to speak of the same ones."""

    def __init__(self, folder: Path, says: Json, behaviour: Behaviour, *, lenient: bool) -> None:
        self._folder = folder
        self._spoken_of = says["operations"]
        self._behaviour = behaviour
        self._lenient = lenient

    def read(self, paths: Mapping[str, Json], *, may_be_gone: bool) -> dict[str, Operation]:
        """Every operation by its id; an overlay may have taken some out of openapi.yaml alone."""
        places = [Place(path, item, method) for path, item in paths.items() for method in METHODS if method in item]
        found = {operation.id: operation for operation in map(self._operation, places)}
        for name in self._spoken_of:
            if name not in found and not may_be_gone:
                problem = "openapi.yaml has no such operationId"
                raise self._error(FILES[1], f"/operations/{name}", problem, f"It has: {', '.join(found)}")
        return found

    def _error(self, file: str, at: str, problem: str, way_out: str) -> PackError:
        return PackError(self._folder / file, at, problem, way_out)

    def _operation(self, place: Place) -> Operation:
        name = place.item[place.method].get("operationId")
        at = f"/paths/{place.path.replace('/', '~1')}/{place.method}"
        if name is None:
            raise self._error(FILES[0], at, "has no operationId", "Give it one")
        says, answers = self._spoken_of.get(name), self._behaviour.answers
        if says is None:
            problem = f"says nothing about {name}"
            raise self._error(FILES[1], "/operations", problem, "Say its role, tasks and answer")
        if says["answer"] not in answers:
            problem = f"there is no answer {says['answer']!r}"
            raise self._error(FILES[1], f"/operations/{name}/answer", problem, f"Answers: {', '.join(answers)}")
        try:
            return read_operation(place, says, self._behaviour.refusals, lenient=self._lenient)
        except (AttributeError, KeyError, ValueError, TypeError) as problem:
            message = f"can't be read ({problem})"
            raise self._error(FILES[0], at, message, "`understudy lint` says more") from None
