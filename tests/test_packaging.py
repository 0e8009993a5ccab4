"""What a checkout promises: no machine in it, pinned versions, a light base install, files of a readable size."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
HEAVY = {"torch", "transformers", "sentence-transformers", "gradio", "onnxruntime"}
MACHINE = re.compile(
    r"(?:^|[^a-z0-9])/(?:work|farm|root|tmp/lab|home/[a-z]+)/"
    r"|pypi[.]org|python[h]osted|registry[.]npmjs|deb[.]debian[.]org|--(?:extra-)?index-ur[l]|find-lin[k]s"
)
"""Its own source does not match it."""


def _tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file()]


def _sources() -> list[Path]:
    return [path for room in ("index", "rag", "eval") for path in sorted((ROOT / room).rglob("*.py"))]


def test_no_tracked_file_names_a_machine_or_a_package_index() -> None:
    found = []
    for path in _tracked():
        text = path.read_bytes().decode("utf-8", "replace")
        found += [
            f"{path.relative_to(ROOT)}:{n}: {line[:100]}"
            for n, line in enumerate(text.splitlines(), 1)
            if MACHINE.search(line)
        ]
    assert not found, "\n".join(found)


def _pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def test_constraints_are_exact_versions_of_package_names() -> None:
    lines = [x for x in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if x and not x.startswith("#")]
    assert not [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line)]
    assert len(_pins()) == len(lines)


def test_constraints_cover_every_declared_dependency_and_agree_with_it() -> None:
    pins = _pins()
    declared = [*PROJECT["dependencies"], *(x for extra in PROJECT["optional-dependencies"].values() for x in extra)]
    for requirement in map(Requirement, declared):
        pin = pins.get(canonicalize_name(requirement.name))
        assert pin is not None, f"{requirement.name} is not in constraints.txt"
        assert pin in requirement.specifier, f"{requirement} does not allow the pinned {pin}"


def test_the_base_install_reaches_no_model_library() -> None:
    waiting = [Requirement(text) for text in PROJECT["dependencies"]]
    reached: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in reached or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        reached.add(name)
        waiting += [Requirement(text) for text in metadata.requires(name) or ()]
    assert not reached & HEAVY
    assert len(reached) > len(PROJECT["dependencies"])


def _imported(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.split(".")[0] for name in names}


def test_everything_the_product_imports_is_declared() -> None:
    extras = PROJECT["optional-dependencies"]
    declared = [*PROJECT["dependencies"], *(x for e in ("llm", "models", "onnx", "serve", "ui") for x in extras[e])]
    names = {canonicalize_name(Requirement(text).name) for text in declared}
    for text in PROJECT["dependencies"]:  # pdfminer comes with pdfplumber, which is built on it
        names |= {canonicalize_name(Requirement(x).name) for x in metadata.requires(Requirement(text).name) or ()}
    own = {"index", "rag", "prompts", "eval", "ui", *sys.stdlib_module_names}
    providers = metadata.packages_distributions()
    for path in _sources():
        for module in _imported(path) - own:
            found = {canonicalize_name(name) for name in providers.get(module, [module])}
            if module not in providers:  # an extra that is not installed here: llama_index of llama-index-core
                found |= {name for name in names if name.startswith(f"{canonicalize_name(module)}-")}
            assert found & names, f"{path.relative_to(ROOT)} imports {module}, which pyproject.toml does not declare"


def test_the_extras_are_there() -> None:
    wanted = {"llm", "models", "onnx", "serve", "ui", "ocr", "milvus", "dev", "bench"}
    assert set(PROJECT["optional-dependencies"]) >= wanted
    assert PROJECT["requires-python"] == ">=3.11,<3.14"


def test_the_data_files_are_declared_and_present() -> None:
    package_data = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    declared = {path for room, globs in package_data.items() for glob in globs for path in (ROOT / room).glob(glob)}
    suffixes = {".tsv", ".jsonl", ".toml", ".json", ".safetensors"}
    data = {p for room in ("index", "rag", "prompts", "eval") for p in (ROOT / room).rglob("*") if p.suffix in suffixes}
    assert data
    assert data <= declared, sorted(map(str, data - declared))


def test_files_stay_readable() -> None:
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in _sources()}
    too_long = [f"{path.relative_to(ROOT)}: {count} lines (limit 250)" for path, count in lines.items() if count > 250]
    assert not too_long, "\n".join(too_long)


def test_lines_stay_within_120_characters() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}:{n}: {len(line)} characters"
        for path in _tracked()
        if path.suffix == ".py"
        for n, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if len(line) > 120
    ]
    assert not too_long, "\n".join(too_long)


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_function_bodies_stay_under_forty_lines() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {_body_lines(node)} lines"
        for path in _sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _body_lines(node) > 40
    ]
    assert not too_long, "\n".join(too_long)


def test_the_licence_is_the_whole_apache_text() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
