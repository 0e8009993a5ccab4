"""Quoting from encyclopaedia paragraphs in traditional characters, beside the best BM25 sentence of the same run.

    python -m bench.drcd FOLDER [--questions 300] [--seed 0] [-v]

FOLDER holds a reading-comprehension set in the BEIR form: corpus.jsonl(.gz), queries.jsonl, qrels/*.tsv and
answers.jsonl. Every question has an answer, so each refusal is wrong. The baseline takes the best paragraph of bm25s
and of it the sentence that bm25s ranks first among all sentences. An answer string counts as quoted where it stands
inside one citation; white space, width, case and traditional or simplified characters aside. ``-v`` also prints a line
of JSON for each answer from the right paragraph that quotes something else, or too much.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval import beir
from eval.cases import comparable, read_lines
from eval.summary import wilson
from index.build import build
from index.errors import InputError, MissingPackageError, YoujuError
from index.text import fold, normalise, sentences, tokens
from rag.config import Settings
from rag.service import PolicyQA

SHORT = 60
"""Characters that all quotes of a short answer hold together."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the sample: the paragraphs that answer it and the printings of its answer."""

    id: str
    text: str
    right: frozenset[str]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a system made of a question: its best paragraph, and its quotes as (paragraph, text)."""

    found: str
    quotes: tuple[tuple[str, str], ...] = ()
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """A reply, judged. Nothing that a refusal shows counts as quoted."""

    found: bool
    cited: bool
    refused: bool
    held: bool
    chars: int

    @property
    def brief(self) -> bool:
        """Return whether the answer is quoted, and little else."""
        return self.held and self.chars <= SHORT


@dataclass(frozen=True, slots=True)
class DataSet:
    """The files of a folder: where its corpus lies, and the questions that have a paragraph and an answer."""

    corpus: Path
    asked: tuple[Asked, ...]


def load(folder: Path) -> DataSet:
    """Read a folder.

    Raises:
        InputError: a file is missing or has another form, or no question has both a paragraph and an answer.
    """
    if not folder.is_dir():
        raise InputError(f"找不到文件夹 {str(folder)!r}")
    queries = beir.load_queries(_first(folder, "queries.jsonl", "queries.jsonl.gz"))
    answers = beir.load_answers(_first(folder, "answers.jsonl", "answers.jsonl.gz"))
    qrels: beir.Qrels = {}
    for path in sorted((folder / "qrels").glob("*.tsv")):
        qrels.update(beir.load_qrels(path))
    asked = []
    for name in sorted(queries.keys() & qrels.keys() & answers.keys()):
        right = frozenset(doc for doc, score in qrels[name].items() if score > 0)
        printed = tuple(answer for answer in answers[name] if alike(answer))
        if right and printed:
            asked.append(Asked(name, queries[name], right, printed))
    if not asked:
        raise InputError(f"{str(folder)!r} 里没有既有 qrels 又有答案的问题", "检查 qrels/*.tsv 与 answers.jsonl")
    return DataSet(_first(folder, "corpus.jsonl.gz", "corpus.jsonl"), tuple(asked))


def _first(folder: Path, *names: str) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise InputError(f"{str(folder)!r} 里没有 {names[0]}", "文件夹里应有 corpus、queries、answers 与 qrels/")


def load_paragraphs(corpus: Path) -> list[tuple[str, str, str]]:
    """Return (id, title, text) of each paragraph of a corpus.

    Raises:
        InputError: the file cannot be read, or a line has another form.
    """
    found = []
    for number, line in read_lines(corpus):
        values = (line.get("_id"), line.get("title") or "", line.get("text"))
        if not all(isinstance(value, str) for value in values):
            raise InputError(f"{corpus} 第 {number} 行缺少 _id 或 text（都应为字符串）")
        found.append((str(values[0]), str(values[1]), str(values[2])))
    return found


def sample(asked: Sequence[Asked], size: int, seed: int) -> list[Asked]:
    """Return ``size`` questions drawn without replacement, all of them where there are fewer; same seed, same draw."""
    return random.Random(seed).sample(asked, min(size, len(asked)))


def alike(text: str) -> str:
    """Return the form in which answers and quotes are compared."""
    return comparable(fold(text))


def judge(asked: Asked, reply: Reply) -> Outcome:
    """Judge one reply."""
    quotes = () if reply.refused else reply.quotes
    wanted = [alike(answer) for answer in asked.answers]
    texts = [alike(text) for _, text in quotes]
    return Outcome(
        found=reply.found in asked.right,
        cited=bool(quotes) and quotes[0][0] in asked.right,
        refused=reply.refused,
        held=any(answer in text for answer in wanted for text in texts),
        chars=sum(len(text) for _, text in quotes),
    )


class Best:
    """The baseline: the best sentence by BM25 of the best paragraph by BM25; it never refuses."""

    def __init__(self, paragraphs: Sequence[tuple[str, str, str]]) -> None:
        self._names = [name for name, _, _ in paragraphs]
        self._sentences: list[str] = []
        self._places: list[range] = []
        for _, _, text in paragraphs:
            plain, first = normalise(text), len(self._sentences)
            self._sentences.extend(plain[start:end] for start, end in sentences(plain))
            self._places.append(range(first, len(self._sentences)))
        self._by_paragraph = _Scores(f"{title}\n{text}" for _, title, text in paragraphs)
        self._by_sentence = _Scores(self._sentences)

    def reply(self, question: str) -> Reply:
        """Answer with the best sentence; the first one stands in where no token of the question occurs."""
        scores = self._by_paragraph(question)
        best = max(range(len(scores)), key=scores.__getitem__)
        scores, name = self._by_sentence(question), self._names[best]
        chosen = max(self._places[best], key=scores.__getitem__, default=None)
        return Reply(name, () if chosen is None else ((name, self._sentences[chosen]),))


class _Scores:
    """bm25s over the project's own tokens, with the parameters of its default settings."""

    def __init__(self, texts: Iterable[str]) -> None:
        try:
            import bm25s
        except ImportError as error:
            raise MissingPackageError("对照系统需要 bm25s", "pip install -e '.[bench]'") from error
        self._index = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
        self._index.index([tokens(text) for text in texts], show_progress=False)

    def __call__(self, question: str) -> list[float]:
        """Return the score of each text."""
        return [float(score) for score in self._index.get_scores(tokens(question))]


def ours(qa: PolicyQA, question: str) -> Reply:
    """Return what the system makes of a question."""
    hits, answer = qa.search(question, 1), qa.answer(question)
    found = hits[0].passage.locator.file if hits else ""
    return Reply(found, tuple((c.doc, c.quote) for c in answer.citations), answer.refused)


def table(systems: Mapping[str, Sequence[Outcome]]) -> Iterator[str]:
    """Yield the figures of the systems, a column each: shares of all questions with their 95% intervals."""
    yield f"{'':<38}" + "".join(f"{name:<24}" for name in systems).rstrip()
    shares = (
        ("right paragraph first (search)", "found"),
        ("right paragraph cited first", "cited"),
        ("refused (always wrongly)", "refused"),
        ("answer string quoted", "held"),
        (f"answer string quoted, <= {SHORT} chars", "brief"),
    )
    for label, name in shares:
        row = ""
        for outcomes in systems.values():
            count = sum(getattr(outcome, name) for outcome in outcomes)
            low, high = wilson(count, len(outcomes))
            row += f"{f'{count / len(outcomes):.3f} [{low:.3f}, {high:.3f}]':<24}"
        yield f"{label:<38}{row}".rstrip()
    middles = [_median([o.chars for o in outcomes if not o.refused]) for outcomes in systems.values()]
    yield f"{'median quoted characters':<38}" + "".join(f"{middle:<24g}" for middle in middles).rstrip()


def _median(lengths: Sequence[int]) -> float:
    return float(statistics.median(lengths)) if lengths else 0.0


def failures(asked: Sequence[Asked], replies: Sequence[Reply], outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield a line for each answer from the right paragraph that lacks the answer string or is too long."""
    for each, reply, outcome in zip(asked, replies, outcomes, strict=True):
        if outcome.cited and not outcome.brief:
            fault = "too long" if outcome.held else "not quoted"
            quotes = [text for _, text in reply.quotes]
            line = {"id": each.id, "fault": fault, "question": each.text, "answers": each.answers, "quotes": quotes}
            yield json.dumps(line, ensure_ascii=False)


def measure(data: DataSet, size: int, seed: int, place: Path, verbose: bool = False) -> Iterator[str]:
    """Build an index in ``place``, ask the sample, yield the lines of the report."""
    settings = Settings(index_dir=place / "index")
    report = build([data.corpus], settings.index_dir, settings.index)
    if not report.passages:
        raise InputError(f"{str(data.corpus)!r} 里没有读到段落")
    drawn = sample(data.asked, size, seed)
    qa, best = PolicyQA.open(settings=settings), Best(load_paragraphs(data.corpus))
    replies = [ours(qa, each.text) for each in drawn]
    judged = [judge(each, reply) for each, reply in zip(drawn, replies, strict=True)]
    plain = [judge(each, best.reply(each.text)) for each in drawn]
    if verbose:
        yield from failures(drawn, replies, judged)
    yield f"{len(report.added)} paragraphs, {len(drawn)} of {len(data.asked)} questions (seed {seed})"
    yield from table({"youju": judged, "best BM25 sentence": plain})


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 2 where the folder cannot be used."""
    parser = argparse.ArgumentParser(prog="bench.drcd", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=_positive, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-v", action="store_true", dest="verbose")
    args = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="youju-drcd-") as place:
            for line in measure(load(args.folder), args.questions, args.seed, Path(place), args.verbose):
                print(line)
    except YoujuError as error:
        print(error.line(), file=sys.stderr)
        return 2
    return 0


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
