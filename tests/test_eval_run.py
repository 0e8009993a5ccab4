"""``youju eval`` from suite to exit code, with a fake system: report, gate, baseline, comparison, wrong input."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from eval import gates, report
from eval import run as runner
from eval.cases import Case, load_suite
from eval.metrics import KS
from eval.run import main, run_suite
from eval.summary import NO_DOCUMENT, percentile, summarise, wilson
from index.errors import InputError, YoujuError

RAWS = {"a.txt": "第一条 每年节水三十万吨。第二条 设专人看管。", "b.txt": "丙厂、丁厂烧煤。"}
CASES = [
    {
        "id": "water",
        "question": "节水多少？",
        "type": "fact",
        "facts": [["三十万吨"]],
        "evidence": [{"doc": "a.txt", "quote": "每年节水三十万吨"}],
        "must_cite": [0],
    },
    {
        "id": "plants",
        "question": "哪些厂烧煤？",
        "type": "list",
        "facts": [["丙厂"], ["丁厂"]],
        "evidence": [{"doc": "b.txt", "quote": "丙厂、丁厂烧煤"}],
        "must_cite": [0],
    },
    {"id": "price", "question": "多少钱？", "type": "unanswerable"},
]


def cited(doc: str, text: str) -> dict[str, Any]:
    start = RAWS[doc].index(text)
    return {"n": 1, "doc": doc, "quote": text, "spans": [[start, start + len(text)]]}


class Fake:
    """A scripted system: right on water, half on plants, refuses the price."""

    answers = {
        "water": ("三十万吨", False, [cited("a.txt", "每年节水三十万吨")]),
        "plants": ("丙厂", False, [cited("b.txt", "丙厂、丁厂烧煤"), cited("a.txt", "专人")]),
        "price": ("未找到依据", True, []),
    }

    def __init__(self) -> None:
        self.searched: list[str] = []

    def ask(self, case: Case) -> dict[str, Any]:
        text, refused, citations = self.answers[case.id]
        return {
            "id": case.id,
            "answer": text,
            "refused": refused,
            "rewritten": "补全：" + case.id,
            "citations": citations,
        }

    def search(self, text: str, k: int) -> list[dict[str, Any]]:
        self.searched.append(text)
        return [{"doc": "a.txt", "start": 0, "end": len(RAWS["a.txt"]), "text": RAWS["a.txt"], "score": 1.0}]

    def raw(self, doc: str) -> str:
        if doc not in RAWS:
            raise InputError(f"没有 {doc}")
        return RAWS[doc]

    def docs(self) -> list[str]:
        return list(RAWS)


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    @contextmanager
    def opened(*_: object) -> Iterator[Fake]:
        yield Fake()

    monkeypatch.setattr(runner, "open_system", opened)
    path = tmp_path / "tiny.jsonl"
    path.write_text("\n".join(json.dumps(case) for case in CASES), "utf-8")
    return path


def measured(suite: Path, system: Fake | None = None):
    system = system or Fake()
    return run_suite(load_suite(suite), system.ask, system.search, system.raw, suite="tiny")


def test_a_run_counts_what_the_cases_show(suite: Path):
    summary = summarise(measured(suite).results)
    assert (summary.right, summary.cases) == (2, 3)
    assert summary.refused_when_due == 1.0 and summary.false_refusals == 0.0
    assert summary.list_completeness == 0.5
    assert summary.citation_precision == pytest.approx(2 / 3)
    assert summary.quotes_exact == 1.0
    assert summary.all_evidence_at_10 == 0.5
    assert summary.by_type["list"].right == 0 and summary.by_type["fact"].accuracy == 1.0
    assert summary.by_document["a.txt"].right == 1 and summary.by_document[NO_DOCUMENT].cases == 1
    assert summary.by_type["fact"].median_chars == 4


def test_the_search_alone_is_measured_with_the_completed_question(suite: Path):
    system = Fake()
    measured(suite, system)
    assert system.searched == ["补全：water", "补全：plants"]


def test_without_a_search_retrieval_is_not_measured(suite: Path):
    system = Fake()
    run = run_suite(load_suite(suite), system.ask, None, system.raw)
    assert all(result.retrieval is None for result in run.results)
    assert summarise(run.results).all_evidence_at_10 is None


def test_an_error_of_the_system_is_a_wrong_case_and_the_run_goes_on(suite: Path):
    class Broken(Fake):
        def ask(self, case: Case) -> dict[str, Any]:
            if case.id != "water":
                raise YoujuError("断了")
            return super().ask(case)

    results = measured(suite, Broken()).results
    assert [r.judgement.right for r in results] == [True, False, False]
    assert results[2].judgement.reasons == ("系统出错：断了",)


def test_a_citation_of_an_unknown_document_is_judged_not_fatal(suite: Path):
    class Inventing(Fake):
        def ask(self, case: Case) -> dict[str, Any]:
            answer = super().ask(case)
            return {**answer, "citations": [{"doc": "gone.txt", "quote": "x", "spans": [[0, 1]]}]}

    summary = summarise(measured(suite, Inventing()).results)
    assert summary.quotes_exact == 0.0 and summary.citation_precision == 0.0


def test_wilson_and_percentiles_agree_with_known_values():
    assert wilson(15, 50) == (pytest.approx(0.1910, abs=1e-4), pytest.approx(0.4375, abs=1e-4))
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(10, 10)[1] == pytest.approx(1.0)
    assert percentile([5, 1, 3, 2, 4], 0.5) == 3
    assert percentile(list(range(1, 101)), 0.95) == 95
    assert percentile([], 0.5) == 0.0


def test_the_console_report_gives_value_and_reason_of_each_failed_case(suite: Path, capsys: pytest.CaptureFixture[str]):
    assert main([str(suite)]) == 0
    shown = capsys.readouterr().out
    assert "题集 tiny，系统 youju：答对 2/3" in shown and "95% 区间" in shown
    assert "plants [list] 哪些厂烧煤？" in shown and "缺要点 1/2：「丁厂」" in shown
    assert "water [fact]" not in shown
    for heading in ("按题型", "按文档", "应拒即拒", "误拒", "列表完整度", "检索依据齐全@10", "耗时 p95"):
        assert heading in shown


def test_columns_of_wide_characters_line_up():
    rows = report.table([["名称", "值"], ["ab", "1"], ["更长的名称", "100"]]).splitlines()
    assert len({report.width(row) for row in rows}) == 1


def test_simple_systems_stand_beside_ours(suite: Path, capsys: pytest.CaptureFixture[str]):
    assert main([str(suite), "--compare", "naive", "--compare", "bm25-passage"]) == 0
    assert "youju naive bm25-passage" in " ".join(capsys.readouterr().out.split())


def test_the_report_folder_holds_every_case(suite: Path, tmp_path: Path):
    assert main([str(suite), "--report", str(tmp_path / "out"), "--compare", "naive"]) == 0
    [written] = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert [s["system"] for s in written["systems"]] == ["youju", "naive"]
    cases = written["systems"][0]["cases"]
    assert [c["right"] for c in cases] == [True, False, True]
    assert cases[1]["reasons"] == ["缺要点 1/2：「丁厂」"]
    assert cases[0]["retrieval"] == {f"recall@{k}": 1.0 for k in KS}
    assert "plants [list]" in (tmp_path / "out" / "report.md").read_text("utf-8")


def gate_file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "gates.toml"
    path.write_text(text, "utf-8")
    return str(path)


def test_a_gate_that_is_reached_exits_0(suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    text = "[tiny]\nright = 0.6\nquotes_exact = 1.0\nmax_false_refusals = 0.0\ntypes = {fact = 1.0}\n[other]\nright = 1"
    assert main([str(suite), "--gate", gate_file(tmp_path, text)]) == 0
    assert "全部达到" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("right = 0.67", "正确率 66.7% 低于门槛 67.0%"),
        ("list_completeness = 0.6", "列表完整度 50.0% 低于门槛"),
        ("citation_precision = 0.7", "引用准确率 66.7% 低于门槛"),
        ("all_evidence_at_10 = 0.9", "检索依据齐全@10 50.0% 低于门槛"),
        ("types = {list = 0.1}", "list 类正确率 0.0% 低于门槛"),
        ("types = {compare = 0.1}", "compare 类正确率 （未测）"),
        ("max_p95_ms = 0.0000001", "高于上限"),
    ],
)
def test_a_gate_that_is_missed_exits_1_and_says_by_how_much(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, line: str
):
    assert main([str(suite), "--gate", gate_file(tmp_path, f"[tiny]\n{text}")]) == 1
    assert line in capsys.readouterr().out


def test_false_refusals_have_an_upper_bound(suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Fake, "answers", {**Fake.answers, "water": ("未找到依据", True, [])})
    path = gate_file(tmp_path, "[tiny]\nmax_false_refusals = 0.4")
    assert gates.failures(gates.load_gate(Path(path), "tiny"), summarise(measured(suite).results)) == [
        "误拒率 50.0% 高于上限 40.0%"
    ]


def test_a_stored_baseline_shows_what_turned(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    store = tmp_path / "store"
    gates.save_baseline("first", {"tiny": measured(suite)}, store)
    turned = {**Fake.answers, "water": ("四十", False, []), "plants": ("丙厂、丁厂", False, Fake.answers["plants"][2])}
    monkeypatch.setattr(Fake, "answers", turned)
    difference = gates.compare_baseline("first", measured(suite), store)
    assert (difference.newly_right, difference.newly_wrong) == (("plants",), ("water",))
    assert (difference.added, difference.removed) == ((), ())
    gate = gates.Gate(max_newly_wrong=0)
    assert gates.failures(gate, summarise(measured(suite).results), difference) == [
        "较基线新错 1 题，多于上限 0：water"
    ]


def test_saving_one_suite_keeps_the_others_of_the_baseline(suite: Path, tmp_path: Path):
    run = measured(suite)
    gates.save_baseline("b", {"one": run}, tmp_path)
    gates.save_baseline("b", {"tiny": run}, tmp_path)
    assert json.loads((tmp_path / "b.json").read_text("utf-8")).keys() == {"one", "tiny"}
    assert gates.compare_baseline("b", run, tmp_path).newly_wrong == ()


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["none.jsonl"], "none.jsonl"),
        (["SUITE", "SUITE"], "同名"),
        (["SUITE", "--gate", "none.toml"], "none.toml"),
        (["SUITE", "--baseline", "never-saved"], "never-saved"),
        (["SUITE", "--baseline", "../up"], "不合规"),
        (["SUITE", "--compare", "best"], "用法不对"),
        (["SUITE", "--mode", "magic"], "用法不对"),
        (["SUITE", "--wat"], "用法不对"),
        (["SUITE", "--run", "x"], "--beir"),
        (["--beir", "c", "q.jsonl", "r.tsv"], "q.jsonl"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(
    suite: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], what: str
):
    assert main([str(suite) if a == "SUITE" else a for a in arguments]) == 2
    captured = capsys.readouterr()
    assert what in captured.err and captured.err.count("\n") == 1


@pytest.mark.parametrize("text", ["[other]", "[tiny]\nrigth = 1", "[tiny]\nright = 2", "tiny ="])
def test_a_faulty_gate_file_is_wrong_input(suite: Path, tmp_path: Path, text: str):
    assert main([str(suite), "--gate", gate_file(tmp_path, text)]) == 2


def test_a_damaged_baseline_is_wrong_input(suite: Path, tmp_path: Path):
    for content in ("{", "[]", '{"tiny": {}}', '{"tiny": 3}'):
        (tmp_path / "b.json").write_text(content, "utf-8")
        with pytest.raises(InputError):
            gates.compare_baseline("b", measured(suite), tmp_path)


def test_the_gates_of_the_repository_can_be_read():
    path = Path(gates.__file__).parent / "gates.toml"
    for name in ("sample", "dev"):
        assert gates.load_gate(path, name).quotes_exact == 1.0


def test_a_corpus_is_indexed_and_asked_through_the_one_door(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text(
        "关于节水的通知\n\n一、总体要求\n每年节水三十万吨。\n\n二、保障措施\n设专人看管。\n", "utf-8"
    )
    path = tmp_path / "small.jsonl"
    path.write_text(json.dumps(CASES[0]), "utf-8")
    assert main([str(path), "--corpus", str(folder), "--report", str(tmp_path / "out"), "--compare", "naive"]) == 0
    [written] = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    ours = written["systems"][0]
    assert ours["summary"]["all_evidence_at_10"] == 1.0
    assert ours["summary"]["quotes_exact"] == 1.0
    assert "系统 youju" in capsys.readouterr().out


def test_a_corpus_that_is_not_there_or_cannot_be_read_is_wrong_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "small.jsonl"
    path.write_text(json.dumps(CASES[0]), "utf-8")
    assert main([str(path), "--corpus", str(tmp_path / "none")]) == 2
    (tmp_path / "a.txt").write_bytes(b"")
    assert main([str(path), "--corpus", str(tmp_path / "a.txt")]) == 2
    assert main([str(path), "--mode", "llm"]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 3
    assert "none" in errors[0] and "a.txt" in errors[1] and "语言模型" in errors[2]


def test_beir_figures_of_a_run_file_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "q.jsonl").write_text('{"_id": "1", "text": "问"}', "utf-8")
    (tmp_path / "r.tsv").write_text("1\td\t1", "utf-8")
    (tmp_path / "run.jsonl").write_text('{"_id": "1", "hits": [{"doc": "x"}, {"doc": "d"}]}', "utf-8")
    files = [str(tmp_path / name) for name in ("c.jsonl", "q.jsonl", "r.tsv")]
    assert main(["--beir", *files, "--run", str(tmp_path / "run.jsonl")]) == 0
    assert "hit@5 (accuracy@5): 1.0000" in capsys.readouterr().out
