"""``youju eval``: run suites through the system, print the report, hold it against gate and baseline."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NoReturn

from eval import beir, gates, opinion, report
from eval.baselines import NAMES, open_baseline
from eval.cases import Case, load_suite, parse_answer
from eval.metrics import judge, retrieval
from eval.summary import CaseResult, SuiteResult, summarise
from eval.system import Answers, System, open_system
from index.errors import InputError, YoujuError

Ask = Callable[[Case], Mapping[str, Any]]
Search = Callable[[str, int], Sequence[Mapping[str, Any]]]
Raw = Callable[[str], str]
DEPTH = 10
SUITES = Path(__file__).parent / "suites"


def run_suite(
    cases: Iterable[Case], ask: Ask, search: Search | None, raw: Raw, *, suite: str = "suite", system: str = "youju"
) -> SuiteResult:
    """Ask every case, judge the answers, and measure the search alone where the case has evidence.

    An error of the system (YoujuError) makes its case wrong, with the error as the reason, and the run goes on.

    Args:
        cases: the suite.
        ask: a case to its answer line in the batch form.
        search: text and k to hits; a follow-up is searched as the answer completed it. None: not measured.
        raw: a document's text as read; YoujuError where there is none of that name.
        suite: name of the suite.
        system: name of the system.
    """
    return SuiteResult(suite, system, tuple(_run_case(case, ask, search, raw) for case in cases))


def _run_case(case: Case, ask: Ask, search: Search | None, raw: Raw) -> CaseResult:
    start = time.perf_counter()
    fault = ""
    line: Mapping[str, Any] = {"answer": "", "refused": False}
    try:
        line = ask(case)
    except YoujuError as error:
        fault = f"系统出错：{error.line()}"
    elapsed = (time.perf_counter() - start) * 1000
    answer = parse_answer(line)
    hits: Sequence[Mapping[str, Any]] = ()
    if search is not None and case.evidence:
        hits = search(answer.rewritten or case.question, DEPTH)
    names = {e.doc for e in case.evidence} | {c.doc for c in answer.citations} | {str(hit["doc"]) for hit in hits}
    raws = {name: text for name in sorted(names) if (text := _raw(raw, name)) is not None}
    measured = retrieval(case, hits, raws) if search is not None and case.evidence else None
    judgement = judge(case, line, raws)
    if fault:
        judgement = replace(judgement, right=False, reasons=(fault,))
    return CaseResult(case, answer, judgement, measured, elapsed)


def _raw(raw: Raw, name: str) -> str | None:
    try:
        return raw(name)
    except YoujuError:
        return None


def compare(names: Sequence[str], cases: Sequence[Case], raws: Mapping[str, str], suite: str) -> list[SuiteResult]:
    """Run simple systems over the same documents (name -> text as read)."""
    systems = [open_baseline(name, raws) for name in names]
    return [run_suite(cases, s.ask, s.search, s.raw, suite=suite, system=s.name) for s in systems]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"用法不对：{message}", "youju eval --help 查看用法")


def parser() -> argparse.ArgumentParser:
    """Return the parser of ``youju eval``."""
    p = _Parser(prog="youju eval", description="用已知答案的题集评测；退出码 0 完成，1 未达门槛，2 输入有误")
    p.add_argument("suites", nargs="*", type=Path, metavar="SUITE.jsonl", help="题集，缺省为 eval/suites/sample.jsonl")
    p.add_argument("--index", type=Path, metavar="DIR", help="索引目录")
    p.add_argument("--corpus", type=Path, action="append", default=[], metavar="PATH", help="先为这些资料建索引再评测")
    p.add_argument("--gate", type=Path, metavar="TOML", help="门槛文件，按题集文件名取表")
    p.add_argument("--baseline", metavar="NAME", help="与存下的基线逐题比较")
    p.add_argument("--save-baseline", metavar="NAME", help="把本次结果存为基线")
    p.add_argument("--report", type=Path, metavar="DIR", help="写出 report.json、report.md，在 runs.jsonl 记一笔")
    p.add_argument("--compare", action="append", default=[], choices=NAMES, help="同场对照的简单系统，可多次给出")
    p.add_argument("--no-llm", dest="mode", action="store_const", const="extractive", help="不用大模型")
    p.add_argument("--mode", choices=("extractive", "llm"), help="回答方式")
    p.add_argument("--record", type=Path, metavar="DIR", help="配合 --mode llm：存下请求与回答")
    p.add_argument("--replay", type=Path, metavar="DIR", help="配合 --mode llm：读回存下的回答，不连接服务")
    p.add_argument("--dump-prompts", type=Path, metavar="DIR", help="配合 --mode llm：写出提示词，由别的模型作答")
    p.add_argument("--judge", action="store_true", help="再由语言模型评忠实与完整，并给出与精确指标的一致程度")
    p.add_argument("--beir", nargs=3, type=Path, metavar=("CORPUS", "QUERIES", "QRELS"), help="BEIR 形式的检索评测")
    p.add_argument("--run", type=Path, metavar="RUN.jsonl", help="配合 --beir：评测 search --batch 的输出，不再检索")
    p.add_argument("--answers", type=Path, metavar="ANSWERS.jsonl", help="配合 --beir：另测片段是否含答案")
    return p


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``youju eval``; return 0 (done), 1 (a gate failed) or 2 (wrong input, one line on stderr)."""
    try:
        options = parser().parse_args(argv)
        if options.beir:
            return _main_beir(options)
        return _main_suites(options)
    except YoujuError as error:
        sys.stderr.write(error.line() + "\n")
        return 2


def _main_suites(options: argparse.Namespace) -> int:
    if options.run or options.answers:
        raise InputError("--run 和 --answers 只与 --beir 一起用")
    paths = options.suites or [SUITES / "sample.jsonl"]
    suites = {path.stem: load_suite(path) for path in paths}
    if len(suites) != len(paths):
        raise InputError("两个题集同名", "门槛和基线按文件名区分题集，请改名")
    tables = {name: gates.load_gate(options.gate, name) for name in suites} if options.gate else {}
    reports, texts, failed = [], [], False
    ours: dict[str, SuiteResult] = {}
    answers = Answers(options.record, options.replay, options.dump_prompts)
    with open_system(options.index, options.corpus, options.mode, answers) as system:
        judge_model = system.model() if options.judge else None
        for name, cases in suites.items():
            runs = _runs(system, name, cases, options.compare)
            ours[name] = runs[0]
            difference = gates.compare_baseline(options.baseline, runs[0]) if options.baseline else None
            faults = gates.failures(tables[name], summarise(runs[0].results), difference) if tables else None
            failed = failed or bool(faults)
            parts = report.sections(runs, difference, faults)
            extra: dict[str, Any] = {}
            if judge_model:
                found = opinion.opinions(runs[0].results, judge_model)
                parts.append(opinion.section(runs[0].results, found))
                extra = {"judge": [asdict(o) for o in found]}
            sys.stdout.write(report.console(parts) + "\n\n")
            reports.append({**report.as_json(runs, difference, faults), **extra})
            texts.append(report.markdown(parts))
    if options.save_baseline:
        sys.stdout.write(f"已存基线：{gates.save_baseline(options.save_baseline, ours)}\n")
    if options.report:
        report.write(options.report, reports, texts)
    return int(failed)


def _runs(system: System, name: str, cases: Sequence[Case], others: Sequence[str]) -> list[SuiteResult]:
    own = run_suite(cases, system.ask, system.search, system.raw, suite=name)
    if not others:
        return [own]
    return [own, *compare(others, cases, {doc: system.raw(doc) for doc in system.docs()}, name)]


def _main_beir(options: argparse.Namespace) -> int:
    corpus, queries_path, qrels_path = options.beir
    queries, qrels = beir.load_queries(queries_path), beir.load_qrels(qrels_path)
    answers = beir.load_answers(options.answers) if options.answers else None
    if options.run:
        judged = {query: docs for query, docs in qrels.items() if query in queries}
        figures = beir.score_run(beir.load_run(options.run), judged)
    else:
        with open_system(options.index, [] if options.index else [corpus], options.mode) as system:
            figures = beir.evaluate(system.search, queries, qrels, answers)
    sys.stdout.write("\n".join(beir.lines(figures)) + "\n")
    return 0
