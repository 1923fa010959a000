"""The documentation tells the truth: links lead somewhere, commands run and print what is shown."""

import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
README = CHECKOUT / "README.md"
PAGES = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md")])
TEXTS = sorted(
    path
    for pattern in ("*.*", ".ci/*", *(f"{top}/**/*.*" for top in ("coldchain", "data", "docs")))
    for path in CHECKOUT.glob(pattern)
    if path.suffix in {"", ".cfg", ".csv", ".lock", ".md", ".py", ".toml", ".txt"}
    and path.is_file()
)

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
ELSEWHERE = {
    "a path of one machine": re.compile(r"(?<![\w.~$}-])/(?:home|root|tmp|work|Users)/\w"),
    "a package index": re.compile(r"index-url|pythonhosted|/simple\b", re.IGNORECASE),
}
"""What is true on one machine only has no place in the project."""


def named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(CHECKOUT)) for path in paths]


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", named(PAGES))
def test_links_lead_somewhere(page: str):
    path = CHECKOUT / page
    for target in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        if re.match(r"https?:|mailto:", target):
            continue
        file, _, anchor = target.partition("#")
        reached = (path.parent / file).resolve() if file else path
        assert reached.is_relative_to(CHECKOUT), target
        assert reached.exists(), target
        if anchor:
            assert anchor in anchors(reached), target


@pytest.mark.parametrize("text", named(TEXTS))
def test_a_text_is_true_on_every_machine(text: str):
    content = (CHECKOUT / text).read_text(encoding="utf-8")
    for what, pattern in ELSEWHERE.items():
        found = pattern.search(content)
        assert not found, f"{what}: {found.group() if found else ''}"


def test_every_page_of_the_documentation_is_in_its_index():
    index = CHECKOUT / "docs" / "README.md"
    linked = {
        (index.parent / target).resolve() for target in LINK.findall(index.read_text("utf-8"))
    }
    pages = {path for path in PAGES if path.is_relative_to(index.parent)} - {index}
    assert pages <= linked, named(sorted(pages - linked))


@pytest.mark.parametrize("heading", ["Plan", "Test"])
def test_the_readme_has_one_command_to_plan_and_one_to_test(heading: str):
    section = re.split(r"^## ", README.read_text(encoding="utf-8"), flags=re.MULTILINE)
    [body] = [part for part in section if part.partition("\n")[0].strip() == heading]
    first = FENCE.search(body)
    assert first
    assert first[2].startswith("python3 -m venv .venv && ")
    assert len(first[2].splitlines()) == 1, ".ci/run runs the first block as one line"


@dataclass(frozen=True)
class Shown:
    """A command in a ``console`` block, and what the page says it prints."""

    line: int
    command: str
    printed: str


def shown_commands(text: str) -> Iterator[Shown]:
    """Commands ``$ coldchain …`` of all ``console`` blocks, in the order of the page."""
    for block in FENCE.finditer(text):
        if block[1] != "console":
            continue
        line = text.count("\n", 0, block.start(2)) + 1
        for part in re.split(r"^\$ ", block[2], flags=re.MULTILINE):
            command, _, printed = part.partition("\n")
            if command.startswith("coldchain"):
                yield Shown(line, command, printed)
            line += part.count("\n")


def test_commands_are_found_with_what_they_print():
    page = (
        "Text\n\n```console\n$ coldchain a\none\n…\n\n$ coldchain b 'c d'\n```\n\n"
        "```sh\n$ coldchain c\n```\n"
    )
    assert list(shown_commands(page)) == [
        Shown(4, "coldchain a", "one\n…\n\n"),
        Shown(8, "coldchain b 'c d'", ""),
    ]


SHOWING = [
    name
    for name in named(PAGES)
    if name == "README.md" or re.match(r"docs.how-to.", name)
    if any(shown_commands((CHECKOUT / name).read_text("utf-8")))
]
FILE = re.compile(r"^```\w+ ([\w.-]+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
"""A block whose fence names a file, for the commands below it."""


def test_pages_with_commands_are_found():
    assert {"README.md", str(Path("docs/how-to/change-a-scenario.md"))} <= set(SHOWING)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", SHOWING)
def test_the_commands_of_a_page_print_what_it_shows(page: str, tmp_path: Path):
    """Run in one folder with the page's files, one after the other, as a reader would.

    ``…`` stands for whatever may differ from run to run; all else must be printed as shown, but for
    runs of spaces. Exit code 3 is a plan with something left behind, which is an answer; where a
    page shows faults, they are what the command says to stderr.
    """
    environment = {
        **os.environ,
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONPATH": str(CHECKOUT),
    }
    same = doctest.OutputChecker().check_output
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    for name, content in FILE.findall(text):
        (tmp_path / name).write_text(content, encoding="utf-8")
    for shown in shown_commands(text):
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(shown.command)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        where = f"{page}:{shown.line}: {shown.command}"
        refused = re.match(r"coldchain: \d+ faults? in the input", shown.printed) is not None
        assert done.returncode in ({2} if refused else {0, 3}), (
            f"{where}\n{done.stdout}{done.stderr}"
        )
        printed = done.stderr if refused else done.stdout
        expected = shown.printed.replace("…", "...").strip()
        if expected:
            agreed = same(
                expected, printed.strip(), doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            )
            assert agreed, f"{where} prints\n{printed}"
