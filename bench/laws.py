"""Speed and size on the statutes in force: some 3,400 laws and regulations in one archive.

    python -m bench.laws ARCHIVE [--index DIR]

ARCHIVE (.tar.xz or another tar) is unpacked into a temporary folder and built there by ``youju build``; --index has the
index in DIR opened instead. A fixed list of questions is asked once to warm up, then timed. The baseline of the same
run holds all passages in memory and looks for the question's rarest token in each of them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path

from bench.speed import CHILD, ROOT
from eval.summary import percentile
from index.collection import Collection
from index.errors import InputError, YoujuError
from index.text import tokens
from rag.config import Settings
from rag.service import PolicyQA

MAX_UNPACKED = 1_000_000_000
"""Bytes that an archive may unpack to."""

QUESTIONS: tuple[tuple[str, str], ...] = (
    ("article", "环境保护法第四十二条的内容是什么？"),
    ("article", "民法典第一千零七十九条怎么规定的？"),
    ("article", "《行政处罚法》第33条规定了什么？"),
    ("article", "刑法第一百三十三条之一"),
    ("article", "公司法第四十七条对注册资本是怎么规定的？"),
    ("article", "安全生产法第二十一条列了哪些职责？"),
    ("figure", "劳动合同期限三年以上的，试用期最长多久？"),
    ("figure", "消费者受到欺诈可以要求几倍赔偿？"),
    ("figure", "发明专利权的期限是多少年？"),
    ("figure", "企业所得税的税率是多少？"),
    ("figure", "食品安全事故发生后，事故单位应在几小时内报告？"),
    ("figure", "招标人从发出招标文件到截止投标最短不得少于多少日？"),
    ("figure", "职工累计工作满十年不满二十年的，年休假有几天？"),
    ("duty", "谁负责编制国土空间规划？"),
    ("duty", "生产经营单位的安全生产第一责任人是谁？"),
    ("duty", "突发环境事件由哪个部门组织处置？"),
    ("duty", "个人信息保护工作由哪个部门统筹协调？"),
    ("duty", "哪些单位必须进行强制性清洁生产审核？"),
    ("penalty", "未取得排污许可证排放污染物怎么处罚？"),
    ("penalty", "饮酒后驾驶机动车会受到什么处罚？"),
    ("penalty", "非法占用耕地改作他用要承担什么刑事责任？"),
    ("penalty", "数据处理者不履行数据安全保护义务的罚款是多少？"),
    ("penalty", "用人单位违法解除劳动合同应当支付多少赔偿金？"),
    ("definition", "什么是敏感个人信息？"),
    ("definition", "循环经济是指什么？"),
    ("definition", "经营者集中包括哪些情形？"),
    ("definition", "重大危险源的含义是什么？"),
    ("procedure", "申请行政复议的期限从什么时候算起？"),
    ("procedure", "工伤认定申请应当提交哪些材料？"),
    ("procedure", "哪些情形可以不公开政府信息？"),
    ("off topic", "红烧肉怎么做才不腻？"),
    ("off topic", "昨晚的足球比赛谁赢了？"),
)
"""(kind, question), written for this bench. No answer is judged here: eval does that."""


@dataclass(frozen=True, slots=True)
class Built:
    """One build as a whole process."""

    seconds: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of each question, in the order of the list."""

    values: tuple[float, ...]

    def figures(self) -> dict[str, float]:
        """Return p50, p95 (nearest rank) and the longest."""
        return {"p50": percentile(self.values, 0.5), "p95": percentile(self.values, 0.95), "max": max(self.values)}


def unpack(archive: Path, place: Path, limit: int = MAX_UNPACKED) -> int:
    """Unpack the files of an archive into a folder and return how many there are.

    Raises:
        InputError: the archive cannot be read, holds no file or more than ``limit`` bytes, or has a member that is a
            link or a device or would lie outside the folder.
    """
    if not archive.is_file():
        raise InputError(f"找不到文件 {str(archive)!r}")
    files = size = 0
    try:
        with tarfile.open(archive) as packed:
            for member in packed:
                target = _inside(member, place)
                size += member.size
                if size > limit:
                    raise InputError(f"{str(archive)!r} 解压后超过 {limit:,} 字节")
                content = packed.extractfile(member)
                if content:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with content, target.open("wb") as file:
                        shutil.copyfileobj(content, file)
                    files += 1
    except (tarfile.TarError, LZMAError, EOFError, OSError) as error:
        raise InputError(f"解不开 {str(archive)!r}：{str(error).partition(chr(10))[0]}") from None
    if not files:
        raise InputError(f"{str(archive)!r} 里没有文件")
    return files


def _inside(member: tarfile.TarInfo, place: Path) -> Path:
    target = (place / member.name).resolve()
    if not target.is_relative_to(place.resolve()) or not (member.isfile() or member.isdir()):
        raise InputError(f"归档中的 {member.name!r} 不是文件夹内的普通文件，不予解压")
    return target


def build(folder: Path, index: Path) -> Built:
    """Build an index with ``youju build``, in a process of its own so that its memory is its own.

    Raises:
        InputError: the build failed; its own line stands above.
    """
    command = [sys.executable, "-m", "rag.cli", "build", str(folder), "--index", str(index)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = [sys.executable, "-c", CHILD, *command]
    done = subprocess.run(run, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, env=environment)
    code, wall, peak = json.loads(done.stdout)
    if code:
        raise InputError(f"youju build 没有成功（退出码 {code}）")
    return Built(wall, peak / _PER_MB)


_PER_MB = 1024 * 1024 if platform.system() == "Darwin" else 1024


def peak_mb() -> float:
    """Return the most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _PER_MB


def folder_bytes(folder: Path) -> int:
    """Return the size of the files in a folder, to its depths."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def timed(ask: Callable[[str], object], questions: Sequence[str]) -> Times:
    """Ask every question once to warm up, then once more by the clock."""
    for question in questions:
        ask(question)
    values = []
    for question in questions:
        began = time.perf_counter()
        ask(question)
        values.append((time.perf_counter() - began) * 1000)
    return Times(tuple(values))


class Scan:
    """The baseline: every passage in memory, read from the first to the last for one token."""

    def __init__(self, library: Collection) -> None:
        self._idf = library.lexical.idf
        self._most = self._idf("")
        self._texts = [p.text for entry in library.documents() for p in library.passages_of(entry.file)]

    def __len__(self) -> int:
        """Return the number of passages."""
        return len(self._texts)

    def rarest(self, question: str) -> str:
        """Return the question's rarest token that the library holds, the first of equals; "" where it holds none."""
        held = [token for token in tokens(question) if self._idf(token) < self._most]
        return max(held, key=self._idf, default="")

    def ask(self, question: str) -> list[int]:
        """Return the places of the passages that hold the rarest token."""
        token = self.rarest(question)
        return [i for i, text in enumerate(self._texts) if token and token in text]


def comparison(ours: Times, scan: Times) -> Iterator[str]:
    """Yield p50, p95 and the longest beside the baseline's, with the ratio."""
    yield f"{'':<8}{'youju':>12}{'scan':>12}{'ratio':>9}"
    theirs = scan.figures()
    for name, value in ours.figures().items():
        yield f"{name:<8}{value:>9.1f} ms{theirs[name]:>9.1f} ms{value / theirs[name]:>8.2f}x"


def by_kind(kinds: Sequence[str], ours: Times, refused: Sequence[bool]) -> Iterator[str]:
    """Yield the median, the longest and the refusals of each kind of question."""
    yield f"{'kind':<12}{'n':>3}{'p50':>12}{'max':>12}{'refused':>9}"
    for kind in dict.fromkeys(kinds):
        rows = [i for i, name in enumerate(kinds) if name == kind]
        figures = Times(tuple(ours.values[i] for i in rows)).figures()
        no = sum(refused[i] for i in rows)
        yield f"{kind:<12}{len(rows):>3}{figures['p50']:>9.1f} ms{figures['max']:>9.1f} ms{no:>9}"


def measure(index: Path, questions: Sequence[tuple[str, str]] = QUESTIONS) -> Iterator[str]:
    """Open an index, ask the questions, yield the lines of the report; memory is read before the baseline loads."""
    kinds, texts = [kind for kind, _ in questions], [text for _, text in questions]
    before, began = peak_mb(), time.perf_counter()
    qa = PolicyQA.open(settings=Settings(index_dir=index))
    opened = (time.perf_counter() - began) * 1000
    refused: dict[str, bool] = {}

    def ask(question: str) -> None:
        refused[question] = qa.answer(question).refused

    ours, peak = timed(ask, texts), peak_mb()
    scan = Scan(qa.library)
    documents, passages = len(qa.library.documents()), len(scan)
    yield f"{documents:,} documents, {passages:,} passages, index {folder_bytes(index) / 1e6:,.1f} MB on disk"
    yield f"opened in {opened:.1f} ms; peak memory {peak:.1f} MB, {before:.1f} MB of it before the index was opened"
    yield f"{len(texts)} questions, asked once before"
    yield from comparison(ours, timed(scan.ask, texts))
    yield from by_kind(kinds, ours, [refused[text] for text in texts])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 2 where the archive or the index cannot be used."""
    parser = argparse.ArgumentParser(prog="bench.laws", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("archive", type=Path)
    parser.add_argument("--index", type=Path, help="open this index instead of building one")
    args = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="youju-laws-") as place:
            for line in _report(args.archive, args.index, Path(place)):
                print(line, flush=True)
    except YoujuError as error:
        print(error.line(), file=sys.stderr)
        return 2
    return 0


def _report(archive: Path, index: Path | None, place: Path) -> Iterator[str]:
    yield f"Python {platform.python_version()}, {os.cpu_count()} cores"
    if index is None:
        index = place / "index"
        files = unpack(archive, place / "laws")
        built = build(place / "laws", index)
        yield f"built {files:,} files in {built.seconds:.1f} s, peak {built.peak_mb:.1f} MB"
    yield from measure(index)


if __name__ == "__main__":
    sys.exit(main())
