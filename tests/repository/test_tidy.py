"""House rules that no linter knows: what a module opens with, how long it gets, what stays out."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("contracts", "mockserver", "specs")
FOLDERS = (*PRODUCT, "benchmarks", "examples", "tests")

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
SENTENCE_WORDS_MIN = 4

# Names that say nothing: whatever is put there has a better one.
BANNED_NAMES = {
    *("base", "common", "core", "func", "functions", "helper", "helpers", "lib"),
    *("manager", "misc", "shared", "util", "utils"),
}
# Words that do not make a sentence out of a file name.
EMPTY_WORDS = {
    *("a", "all", "an", "and", "for", "in", "is", "it", "of", "some", "that", "the", "these"),
    *("this", "to", "with"),
    *("class", "classes", "code", "contains", "file", "functions", "module", "package", "stuff"),
    *("test", "tests"),
}


def sources(*folders: str) -> list[Path]:
    """The Python files of these folders."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def short(path: Path) -> str:
    """A path as people write it."""
    return path.relative_to(ROOT).as_posix()


ALL = [ROOT / "run.py", *sources(*FOLDERS)]
SHIPPED = sources(*PRODUCT)
VENDORS = sorted(path.parent.name for path in ROOT.glob("specs/*/openapi.yaml"))

every_source = pytest.mark.parametrize("path", ALL, ids=short)
every_shipped = pytest.mark.parametrize("path", SHIPPED, ids=short)


def words(text: str) -> list[str]:
    """The words of a sentence or of a file name, without the empty ones' case."""
    return re.findall(r"[a-z0-9]+", text.lower())


def parse(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """A function's lines, its docstring left out."""
    last = function.end_lineno or function.lineno
    lines = last - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None and first.end_lineno is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def inner_imports(tree: ast.Module) -> Iterator[ast.stmt]:
    """Every import inside a function."""
    for function in functions(tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield node


def has_reason(node: ast.stmt, lines: list[str]) -> bool:
    """Whether a comment beside the import, or over its block of imports, speaks of start-up."""
    last = node.end_lineno or node.lineno
    if any("start-up" in line.partition("#")[2] for line in lines[node.lineno - 1 : last]):
        return True
    for line in reversed(lines[: node.lineno - 1]):
        said = line.strip()
        if said.startswith("#"):
            if "start-up" in said:
                return True
        elif said and not said.startswith(("import ", "from ")):
            return False
    return False


def test_there_is_something_to_judge() -> None:
    """A check over no files would always pass."""
    assert VENDORS
    for folder in PRODUCT:
        assert sources(folder), folder


@every_source
def test_module_opens_with_what_it_is_for(path: Path) -> None:
    """The first thing a reader meets is a sentence, and not the file's name again."""
    docstring = ast.get_docstring(parse(path)) or ""
    sentence = docstring.split("\n\n", maxsplit=1)[0]
    said = words(sentence)

    assert sentence.endswith("."), f"{short(path)} opens without a sentence"
    assert len(said) >= SENTENCE_WORDS_MIN, f"{short(path)}: {sentence!r} says too little"
    assert set(said) - EMPTY_WORDS - set(words(short(path))), f"{short(path)}: a name, no sentence"


@every_source
def test_file_fits_on_a_few_screens(path: Path) -> None:
    """A file too long to hold in mind is two files."""
    lines = len(path.read_text(encoding="utf-8").splitlines())

    assert lines <= FILE_LINES_MAX, f"{short(path)} has {lines} lines"


@every_source
def test_function_fits_in_the_eye(path: Path) -> None:
    """A function that has to be scrolled is several functions."""
    long = {
        function.name: length(function) for function in functions(parse(path)) if length(function) > FUNCTION_LINES_MAX
    }

    assert long == {}


@every_source
def test_file_name_says_something(path: Path) -> None:
    """Neither a file nor its folder is called what everything could be called."""
    names = {part.removesuffix(".py").strip("_") for part in path.relative_to(ROOT).parts}

    assert names & BANNED_NAMES == set()


@every_shipped
def test_no_code_names_a_vendor(path: Path) -> None:
    """A vendor is a folder of data: code that knows one by name would not serve a user's own."""
    text = path.read_text(encoding="utf-8").lower()

    assert [vendor for vendor in VENDORS if vendor in text or vendor in short(path)] == []


@every_shipped
def test_import_inside_a_function_has_a_reason(path: Path) -> None:
    """Imports stand at the top; the one reason to defer one is start-up, and a comment says so."""
    lines = path.read_text(encoding="utf-8").splitlines()
    bare = [node.lineno for node in inner_imports(parse(path)) if not has_reason(node, lines)]

    assert bare == []
