"""Many people at once against a real server: errors, times, memory, and a rebuild meanwhile.

    python -m bench.load [--people 50] [--seconds 20] [--think 2] [--questions N]

Every person asks a question of the sample suite, reads for a while (``--think``: seconds on average, drawn evenly from
half to one and a half of it; 0: asks again at once) and asks the next one. ``--questions N`` asks N questions in all
instead of a time. Memory is that of the server's process, before the first question, after a fifth, and at the end. A
rebuild that reads one more document runs from the middle on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from eval.cases import load_suite

ROOT = Path(__file__).resolve().parent.parent
SUITE = ROOT / "eval" / "suites" / "sample.jsonl"
LIMIT_S = 60.0


@dataclass
class Seen:
    """What the people saw: seconds of each answer, errors, questions asked, the index's generations."""

    walls: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    generations: set[str] = field(default_factory=set)
    memory: dict[int, float] = field(default_factory=dict)


@contextmanager
def serving(index: Path, **settings: str) -> Iterator[tuple[str, int]]:
    """Run ``youju serve`` over the index; yield its address and process id."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "YOUJU_SERVE_RATE_PER_MINUTE": "0", **settings}
    command = [sys.executable, "-m", "rag.cli", "serve", "--port", "0", "--index", str(index)]
    process = subprocess.Popen(
        command, cwd=index.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        yield next(word for word in line.split() if word.startswith("http://")), process.pid
    finally:
        process.terminate()
        process.wait(15)


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    fields = Path(f"/proc/{pid}/statm").read_text("ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


async def person(
    number: int, client: httpx.AsyncClient, questions: Sequence[str], options: argparse.Namespace, seen: Seen, pid: int
) -> None:
    """Ask until the time or the number of questions is over."""
    draw = random.Random(number)
    await asyncio.sleep(draw.random() * (options.think or 0.1))
    until = time.perf_counter() + options.seconds
    while (seen.asked < options.questions) if options.questions else (time.perf_counter() < until):
        seen.asked += 1
        if options.questions and seen.asked in (options.questions // 5, options.questions):
            seen.memory[seen.asked] = memory_mb(pid)
        await ask(client, draw.choice(questions), seen)
        await asyncio.sleep(options.think * (0.5 + draw.random()))


async def ask(client: httpx.AsyncClient, question: str, seen: Seen) -> None:
    """Ask one question and note how it went."""
    began = time.perf_counter()
    try:
        reply = await client.post("/api/ask", json={"question": question})
    except httpx.HTTPError as error:
        seen.errors[type(error).__name__] += 1
        return
    seen.walls.append(time.perf_counter() - began)
    if reply.status_code == 200:
        seen.generations.add(reply.json()["index"]["generation"])
    else:
        seen.errors[f"status {reply.status_code}"] += 1


async def rebuilt(index: Path, extra: Path, after: float) -> float:
    """Add a document to the index with the command line, after some seconds; return how long that took."""
    await asyncio.sleep(after)
    began = time.perf_counter()
    command = [sys.executable, "-m", "rag.cli", "build", str(extra), str(ROOT / "corpus"), "--index", str(index)]
    child = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL
    )
    if await child.wait():
        raise SystemExit("the rebuild failed")
    return time.perf_counter() - began


async def measure(address: str, pid: int, index: Path, options: argparse.Namespace) -> None:
    """Let the people ask, rebuild meanwhile, and print the figures."""
    questions = [case.question for case in load_suite(SUITE)]
    seen = Seen()
    limits = httpx.Limits(max_connections=options.people)
    async with httpx.AsyncClient(base_url=address, timeout=LIMIT_S, limits=limits, trust_env=False) as client:
        await asyncio.gather(*(ask(client, q, Seen()) for q in questions))  # everything is loaded
        before, began = memory_mb(pid), time.perf_counter()
        extra = index.parent / "补充.txt"
        extra.write_text("压测补充文件\n\n第一条 本文件用于压测。\n", "utf-8")
        people = [person(n, client, questions, options, seen, pid) for n in range(options.people)]
        building = asyncio.create_task(rebuilt(index, extra, 1.0 if options.questions else options.seconds / 2))
        await asyncio.gather(*people)
        wall = time.perf_counter() - began
        build_s = await building
        text = (await client.get("/metrics")).text
    report(seen, options, wall, build_s)
    middle = "".join(f", {mb:.0f} MB after {n}" for n, mb in sorted(seen.memory.items()))
    print(f"  memory {before:.0f} MB before{middle}, {memory_mb(pid):.0f} MB at the end")
    if "youju_answer_seconds" not in text:
        raise SystemExit("the server counted no answer")


def report(seen: Seen, options: argparse.Namespace, wall: float, build_s: float) -> None:
    """Print errors and times."""
    cuts = statistics.quantiles(seen.walls, n=100, method="inclusive")
    think = f"thinking {options.think:g} s" if options.think else "asking again at once"
    print(f"{options.people} people, {think}: {len(seen.walls)} answers in {wall:.1f} s ({len(seen.walls) / wall:.1f}/s)")
    print(
        f"  errors {json.dumps(seen.errors)}, p50 {cuts[49] * 1000:.0f} ms, p95 {cuts[94] * 1000:.0f} ms, "
        f"p99 {cuts[98] * 1000:.0f} ms, longest {max(seen.walls) * 1000:.0f} ms; "
        f"rebuild {build_s:.1f} s, {len(seen.generations)} generations seen"
    )


def main(arguments: Sequence[str]) -> int:
    """Build the sample collection, serve it, measure."""
    parser = argparse.ArgumentParser(prog="bench.load", description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--think", type=float, default=2.0)
    parser.add_argument("--questions", type=int, default=0)
    options = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load of the machine before: {load:.1f}")
    with tempfile.TemporaryDirectory(prefix="youju-load-") as place:
        index = Path(place) / "index"
        command = [sys.executable, "-m", "rag.cli", "build", str(ROOT / "corpus"), "--index", str(index)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)})
        with serving(index) as (address, pid):
            asyncio.run(measure(address, pid, index, options))
        shutil.rmtree(index)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
