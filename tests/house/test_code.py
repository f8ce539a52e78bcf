"""The files themselves: their size, their names, and what the README promises."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "portal_api").rglob("*.py"))
LONGEST = 450
MARK = re.compile(
    r"#\s*(noqa|fmt|pragma|type: ignore|pyright: ignore)\b(: *[A-Za-z]+[0-9]*(, *[A-Z]+[0-9]+)*)?(\[[^]]*\])?"
)
"""What tells the linter, the formatter, coverage or the type checker to overlook a line."""
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "common", "core", "misc", "manager", "base_classes"}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_a_module_is_short_and_opens_with_what_lives_there(module: Path) -> None:
    text = module.read_text()
    assert len(text.splitlines()) <= LONGEST, "make it a package of the same name"
    assert module.stem not in NAMES_THAT_SAY_NOTHING
    docstring = ast.get_docstring(ast.parse(text)) or ""
    assert docstring.partition("\n")[0].endswith((".", ":")), "its first line is a sentence"


def test_the_modules_were_found() -> None:
    assert {"portal_api/work.py", "portal_api/domain/series.py"} <= set(map(named, MODULES))


def test_no_comment_is_commented_out_work() -> None:
    waiting = [
        f"{named(module)}:{number}"
        for module in MODULES
        for number, line in enumerate(module.read_text().splitlines(), 1)
        if re.search(r"#\s*(TODO|FIXME|XXX|HACK)\b", line)
    ]
    assert waiting == []


@pytest.mark.parametrize("folder", ["portal_api", "alembic", "benchmarks", "examples", "tests"])
def test_whatever_a_tool_is_told_to_overlook_has_its_reason_beside_it(folder: str) -> None:
    overlooked = [
        (f"{named(module)}:{token.start[0]}", MARK.sub("", token.string))
        for module in sorted((ROOT / folder).rglob("*.py"))
        for token in tokenize.generate_tokens(io.StringIO(module.read_text()).readline)
        if token.type == tokenize.COMMENT and MARK.search(token.string)
    ]
    assert [place for place, reason in overlooked if not re.search(r"\w", reason)] == []


@pytest.mark.parametrize("command", ["serve", "test"])
def test_the_readme_names_the_two_commands_and_the_makefile_has_them(command: str) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert re.search(rf"^make {command}\b", blocks[0], re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(rf"^{command}:.*## \S", makefile, re.MULTILINE)
    assert f".PHONY: {command}" in makefile


def test_the_readme_names_no_folder_that_is_not_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_requirements_hold_hashes_and_no_address(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    pins = [line for line in lines if re.match(r"[a-z0-9]", line)]
    assert len(pins) > 20
    assert all(re.match(r"[a-z0-9._\[\]-]+==\S+", line) for line in pins)
    assert sum("--hash=sha256:" in line for line in lines) >= len(pins)
    assert [line for line in lines if "://" in line or "-url" in line or "--find-links" in line] == []


def test_what_running_needs_is_the_same_for_developers() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9][^\s;\\]*==[^\s;\\]+)", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_ci_runs_what_a_developer_runs() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "make check" in script.read_text()
