"""What the wheel carries besides code: all of it, sound, and from nowhere else."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VIEWER = ROOT / "mockserver" / "viewer"
VIEWER_BYTES_MAX = 2_000_000


def files(*places: str) -> set[str]:
    """Every file in these places as it lies in the checkout."""
    return {
        path.relative_to(ROOT).as_posix()
        for place in places
        for path in [ROOT / place, *(ROOT / place).rglob("*")]
        if path.is_file() and "__pycache__" not in path.parts
    }


def shipped() -> set[str]:
    """The three packages, and the samples that `understudy demo` runs."""
    samples = files("examples/demo.py", "examples/walk.py", "examples/gateways")
    return files("contracts", "mockserver", "specs") | {f"contracts/samples/{name}" for name in samples}


def test_wheel_carries_every_file(tmp_path: Path) -> None:
    """A pack or a page left behind would only be missed by users."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")

    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert packed == shipped()


def test_viewer_is_the_version_that_its_page_names() -> None:
    """Whoever renews the viewer says so."""
    page = (VIEWER / "README.md").read_text(encoding="utf-8")
    bundle = (VIEWER / "swagger-ui-bundle.js").read_text(encoding="utf-8")

    assert re.findall(r'PACKAGE_VERSION:"([^"]+)"', bundle) == re.findall(r"UI (\S+) ", page)[:1]
    assert sum(path.stat().st_size for path in VIEWER.iterdir()) <= VIEWER_BYTES_MAX


@pytest.mark.parametrize("name", ["page.html", "start.js", "swagger-ui-bundle.js", "swagger-ui.css"])
def test_viewer_loads_nothing_from_elsewhere(name: str) -> None:
    """The pages work without a network, and tell no other host who reads them."""
    text = (VIEWER / name).read_text(encoding="utf-8")

    assert "sourceMappingURL" not in text
    assert "validator.swagger.io" not in text
    assert re.findall(r"""(?:@import\s*["']|url\(["']?|src=["']|href=["'])\s*(?:https?:)?//""", text) == []
