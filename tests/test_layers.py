"""The direction of imports (DESIGN section 2): upward arrows, cycles and second owners of heavy packages fail.

A new module gets a place in ``ROWS``; a new heavy package gets its owner in ``OWNERS``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("index", "rag", "prompts", "eval", "ui_parts", "bench")

ROWS: tuple[tuple[str, ...], ...] = (
    # A module imports from the rows above it and, without cycles, from its own row. A package's name stands for all
    # modules in it. Helper modules stand in the row of the module that they were split from.
    ("index.errors",),
    ("index.types",),
    ("index.config",),
    ("index.text",),
    ("index.load",),
    ("index.ordinals", "index.joins", "index.markup", "index.physical", "index.furniture", "index.clean"),
    ("index.tables",),
    ("index.structure",),
    ("index.records",),
    ("index.places", "index.passages"),
    ("index.thesaurus",),
    (
        "index.postings", "index.arms", "index.lexical", "index.part", "index.static", "index.soft", "index.onnx",
        "index.embed", "index.vectors",
    ),
    ("index.train",),
    ("index.store",),
    ("index.collection", "index.view"),
    ("index.inputs", "index.report", "index.edits", "index.pipeline", "index.work", "index.build"),
    ("prompts",),
    ("rag.types",),
    ("rag.config",),
    ("rag.numerals", "rag.units", "rag.polarity"),
    ("rag.figure", "rag.figure_patterns", "rag.figure_marks", "rag.figure_reader", "rag.figures"),
    ("rag.amounts",),
    ("rag.eras", "rag.common", "rag.names", "rag.followup", "rag.terms", "rag.query"),
    ("rag.match",),
    ("rag.filters",),
    ("rag.scope", "rag.match", "rag.split", "rag.slots", "rag.rerank", "rag.named", "rag.order", "rag.retrieve"),
    ("rag.statement", "rag.features", "rag.rank", "rag.compose"),
    ("rag.sides", "rag.compare", "rag.widen"),
    ("rag.outline", "rag.overview", "rag.quote", "rag.counting", "rag.parts", "rag.within", "rag.items", "rag.extract"),
    ("rag.articles", "rag.premise", "rag.metadata", "rag.criteria", "rag.conditions"),
    ("rag.listed", "rag.by_words", "rag.listing"),
    ("rag.whole", "rag.on_subject", "rag.absent", "rag.refuse"),
    ("rag.answering", "rag.supplied", "rag.answerer"),
    ("rag.evidence", "rag.subject", "rag.grounding", "rag.verify", "rag.alike", "rag.odd", "rag.support"),
    ("rag.llm",),
    ("rag.handout", "rag.plain_text", "rag.pieces", "rag.plan"),
    ("rag.task", "rag.standing", "rag.generate", "rag.worded"),
    ("rag.export",),
    ("rag.service",),
    ("rag.jsonlines", "rag.audit", "rag.feedback", "rag.metrics", "rag.throttle"),
    ("rag.passwords", "rag.accounts", "rag.access"),
    ("rag.rebuild", "rag.host"),
    ("rag.interop",),
    ("rag.batch", "rag.claims", "rag.options", "rag.talk"),
    ("rag.forms", "rag.desk"),
    ("rag.wire", "rag.guard", "rag.replies"),
    ("rag.login", "rag.mcp", "rag.openai_api", "rag.api"),
    ("rag.serving",),
    ("rag.cli",),
    ("ui_parts",),
    ("ui",),
    ("eval",),
    ("bench",),
)
"""Rows of DESIGN section 2, lowest first."""

OWNERS: Mapping[str, tuple[str, ...]] = {
    "bm25s": (),
    "docx": ("index.load.docx", "rag.export"),
    "faiss": ("index.vectors",),
    "fastapi": ("rag.api", "rag.login", "rag.mcp", "rag.openai_api", "rag.replies", "rag.serving", "ui"),
    "gradio": ("ui",),
    "jinja2": ("ui_parts.templating",),
    "llama_index": ("rag.llm.endpoint", "rag.interop"),
    "lxml": ("index.load.html",),
    "mcp": ("rag.mcp",),
    "onnx": ("index.train.encoder.graph",),
    "onnxruntime": ("index.onnx",),
    "openpyxl": ("index.load.sheet",),
    "pdfminer": ("index.load.pdf",),
    "pdfplumber": ("index.load.pdf",),
    "sentence_transformers": ("index.embed",),
    "starlette": ("rag.replies", "ui_parts.routes"),
    "torch": ("index.train.fit", "index.train.encoder.network", "index.train.encoder.learn"),
    "transformers": ("index.train.encoder.network",),
    "uvicorn": ("rag.serving",),
}
"""The module, of training the few, that may import a heavy package, inside a function; none: tests and bench only."""

DOORS: Mapping[str, tuple[str, ...]] = {"rag.cli": ("eval",), "rag.serving": ("ui",)}
"""Who may start what stands above it, by name (``import_module`` in the command's function), never by an import."""


@dataclass(frozen=True)
class Import:
    """One imported name and how it is imported."""

    target: str
    line: int
    lazy: bool = False
    """Inside a function, so that importing the module does not pay for it."""
    typing_only: bool = False
    by_name: bool = False


Tree = Mapping[str, Sequence[Import]]


def read_tree(root: Path) -> dict[str, list[Import]]:
    """Return the imports of every module under ``root`` that belongs to the product."""
    files = [p for room in ROOMS for p in sorted((root / room).rglob("*.py"))]
    files += [p for p in (root / "ui.py",) if p.exists()]
    names = {_name(root, p): p for p in files}
    return {name: list(_resolved(path, name, names)) for name, path in names.items()}


def _name(root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _resolved(path: Path, name: str, known: Mapping[str, Path]) -> Iterator[Import]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for found in _imports(ast.parse(path.read_text("utf-8")), package, lazy=False, typing_only=False):
        parents = [found.target.rsplit(".", up)[0] for up in range(found.target.count(".") + 1)]
        module = next((parent for parent in parents if parent in known), found.target)
        yield Import(module, found.line, found.lazy, found.typing_only, found.by_name)


def _imports(node: ast.AST, package: str, *, lazy: bool, typing_only: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        inside = lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        typed = typing_only or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test))
        if isinstance(child, ast.Import):
            yield from (Import(a.name, child.lineno, lazy, typing_only) for a in child.names)
        elif isinstance(child, ast.ImportFrom):
            base = child.module or ""
            if child.level:
                base = ".".join([*package.split(".")[: len(package.split(".")) - child.level + 1], base]).rstrip(".")
            yield from (Import(f"{base}.{a.name}", child.lineno, lazy, typing_only) for a in child.names)
        elif isinstance(child, ast.Call) and _imports_by_name(child):
            yield Import(ast.literal_eval(child.args[0]), child.lineno, lazy, typing_only, by_name=True)
        yield from _imports(child, package, lazy=inside, typing_only=typed)


def _imports_by_name(call: ast.Call) -> bool:
    called = ast.unparse(call.func).rpartition(".")[2]
    constant = bool(call.args) and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    return called in {"import_module", "__import__"} and constant


def row_of(module: str) -> int | None:
    """Return the row of a module, or None where it has no place yet."""
    places = {entry: i for i, row in enumerate(ROWS) for entry in row}
    while module and module not in places:
        module = module.rpartition(".")[0]
    return places.get(module)


def problems(tree: Tree) -> list[str]:
    """Return every breach of the rules, one line each; none for a sound tree."""
    return [*_unplaced(tree), *_upward(tree), *_cycles(tree), *_second_owners(tree)]


def _unplaced(tree: Tree) -> Iterator[str]:
    for name in tree:
        if row_of(name) is None and name not in ROOMS:
            yield f"{name} has no row: put it into ROWS in tests/test_layers.py"


def _upward(tree: Tree) -> Iterator[str]:
    for name, imports in tree.items():
        own = row_of(name)
        for found in imports:
            target, room = row_of(found.target), found.target.split(".")[0]
            if found.by_name and found.lazy and room in DOORS.get(name, ()):
                continue
            if own is not None and target is not None and target > own:
                yield f"{name}:{found.line} imports {found.target}, which stands above it"


def _cycles(tree: Tree) -> Iterator[str]:
    graph = {name: {i.target for i in imports if i.target in tree} - {name} for name, imports in tree.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield "cycle: " + " -> ".join(reversed(error.args[1]))


def _second_owners(tree: Tree) -> Iterator[str]:
    for name, imports in tree.items():
        for found in imports:
            package = found.target.split(".")[0]
            if package not in OWNERS or name.split(".")[0] == "bench":
                continue
            if name not in OWNERS[package]:
                owners = " and ".join(OWNERS[package]) or "tests and bench"
                yield f"{name}:{found.line} imports {package}, which belongs to {owners}"
            elif not found.lazy and not found.typing_only:
                yield f"{name}:{found.line} imports {package} on import; move it into the function that needs it"


def test_the_tree_keeps_the_direction_of_imports() -> None:
    found = problems(read_tree(ROOT))
    assert not found, "\n".join(found)


def _plant(root: Path, **files: str) -> list[str]:
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return problems(read_tree(root))


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"index__text": "from index.store import Library"}, "index.text:1 imports index.store"),
        ({"index__text": "import rag.types"}, "imports rag.types, which stands above"),
        ({"index__text": "def f():\n    from rag import types", "rag__types": ""}, "index.text:2 imports rag.types"),
        ({"index__store": "from ..rag import service", "rag__service": ""}, "which stands above"),
        ({"rag__service": "from eval.run import main"}, "rag.service:1 imports eval"),
        ({"rag__cli": "import ui", "ui": ""}, "rag.cli:1 imports ui"),
        ({"rag__service": "from importlib import import_module\ndef f():\n    import_module('ui')"}, "imports ui"),
        ({"rag__cli": "from importlib import import_module\nimport_module('eval.run')"}, "imports eval"),
        ({"index__load__a": "import index.load.b", "index__load__b": "from . import a"}, "cycle: "),
        ({"rag__match": "def f():\n    import rag.rank", "rag__rank": "import rag.match"}, "cycle: "),
        ({"index__gadget": ""}, "index.gadget has no row"),
        ({"index__store": "def f():\n    import faiss"}, "imports faiss, which belongs to index.vectors"),
        ({"index__vectors": "import faiss"}, "imports faiss on import"),
        ({"index__vectors": "class A:\n    import faiss"}, "imports faiss on import"),
        ({"rag__verify": "def f():\n    __import__('torch.nn')"}, "imports torch, which belongs to index.train.fit"),
        ({"index__lexical": "def f():\n    import bm25s"}, "belongs to tests and bench"),
    ],
)
def test_a_broken_tree_is_named(tmp_path: Path, files: dict[str, str], complaint: str) -> None:
    found = _plant(tmp_path, **files)
    assert any(complaint in line for line in found), found


@pytest.mark.parametrize(
    "files",
    [
        {"index__store": "from index.errors import LoadError\nimport numpy", "index__errors": ""},
        {"index__vectors": "def f():\n    import faiss"},
        {"index__vectors": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import faiss"},
        {"index__load____init__": "from index.load import pdf", "index__load__pdf": "from index.types import Span"},
        {"rag__cli": "from importlib import import_module\ndef f():\n    import_module('eval.run')", "eval__run": ""},
        {"bench__speed": "import bm25s\nfrom rag.service import PolicyQA", "rag__service": ""},
    ],
)
def test_a_sound_tree_passes(tmp_path: Path, files: dict[str, str]) -> None:
    assert not _plant(tmp_path, **files)
