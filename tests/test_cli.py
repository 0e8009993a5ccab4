"""The command line as other programs see it: real processes, exact JSON forms, exit codes (DESIGN, section 5)."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from youju_process import LAW, NAMES, complaint, environment, write_documents, youju

ASKED = "年取水量超过多少的企业要做水平衡测试？"
ANSWER_KEYS = "id question rewritten answer refused reason mode citations elapsed_ms".split()
CITATION_KEYS = "n doc title number locator quote spans".split()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two documents in ``docs`` and their index in the default place."""
    folder = tmp_path_factory.mktemp("world")
    write_documents(folder / "docs")
    done = youju("build", "docs", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def said(world: Path, *arguments: str | Path) -> str:
    done = youju(*arguments, cwd=world)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def told(world: Path, *arguments: str | Path) -> Any:
    """Return the one JSON value that the command printed."""
    return json.loads(said(world, *arguments))


def check_answer(line: dict[str, Any], **trace: object) -> None:
    assert list(line) == [*ANSWER_KEYS, *trace]
    kinds = [str, str, str, str, bool, str, str, list, float]
    assert [type(line[key]) for key in ANSWER_KEYS] == kinds
    assert line["mode"] == "extractive"
    for citation in line["citations"]:
        assert list(citation) == CITATION_KEYS
        assert [type(value) for value in citation.values()] == [int, str, str, str, str, str, list]
        assert f"[{citation['n']}]" in line["answer"]


def test_build_reports_and_a_second_one_reads_only_what_changed(tmp_path: Path) -> None:
    write_documents(tmp_path / "docs")
    (tmp_path / "docs" / "empty.txt").touch()
    first = told(tmp_path, "build", "docs", "--index", "here", "--json")
    keys = "added updated unchanged removed skipped passages records seconds generation".split()
    assert list(first) == keys
    assert first["added"] == sorted(NAMES)
    assert [list(each) for each in first["skipped"]] == [["file", "reason"]]
    assert first["skipped"][0]["file"] == "empty.txt"
    assert first["records"] == 3 and first["passages"] > 10
    (tmp_path / "docs" / "empty.txt").unlink()
    (tmp_path / "docs" / NAMES[0]).write_text(LAW + "\n第六条 本办法自公布之日起施行。\n", "utf-8")
    second = told(tmp_path, "build", "docs", "--index", "here", "--json")
    assert (second["added"], second["updated"], second["unchanged"]) == ([], [NAMES[0]], [NAMES[1]])
    words = said(tmp_path, "build", "docs", "--index", "here")
    assert "未变 2 份" in words and "片段" in words


def test_docs_tells_the_library_with_its_document_info(world: Path) -> None:
    entries = told(world, "docs", "--json")
    assert [entry["file"] for entry in entries] == sorted(NAMES)
    info = entries[0]["info"]
    assert info["title"] == "长河市工业节约用水管理办法"
    assert (info["number"], info["issuers"], info["date"]) == ("长水发〔2023〕15号", ["长河市水务局"], "2023-05-08")
    first, second = said(world, "docs").splitlines()
    assert all(
        part in first for part in (NAMES[0], "《长河市工业节约用水管理办法》", "长水发〔2023〕15号", "2023-05-08")
    )
    assert second.startswith(NAMES[1])


def test_search_gives_hits_with_their_exact_place(world: Path) -> None:
    hits = told(world, "search", "水平衡测试", "-k", "3", "--json")
    assert 1 <= len(hits) <= 3
    for hit in hits:
        assert {"doc", "start", "end", "text", "score", "found_by", "locator"} <= set(hit)
        assert isinstance(hit["score"], float) and hit["found_by"] and isinstance(hit["locator"], str)
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    best = hits[0]
    assert best["doc"] == NAMES[0] and "水平衡测试" in LAW[best["start"] : best["end"]]
    words = said(world, "search", "水平衡测试", "-k", "1")
    assert words.startswith("1. ") and NAMES[0] in words and "水平衡测试" in words


def test_an_answer_prints_its_sources_with_title_number_place_and_words(world: Path) -> None:
    words = said(world, "ask", ASKED)
    answer, _, sources = words.partition("出处：")
    assert "30万立方米" in answer and "[1]" in answer
    assert all(
        p in sources for p in ("[1] 《长河市工业节约用水管理办法》", "长水发〔2023〕15号", "第一章总则", "“第二条")
    )


def test_an_answer_as_json_lets_anybody_check_its_spans_in_the_file(world: Path) -> None:
    line = told(world, "ask", ASKED, "--json", "--no-llm")
    check_answer(line)
    assert (line["id"], line["question"], line["rewritten"], line["refused"]) == ("", ASKED, ASKED, False)
    assert line["citations"]
    for citation in line["citations"]:
        text = (world / "docs" / citation["doc"]).read_text("utf-8")
        quoted = "".join(text[start:end] for start, end in citation["spans"])
        assert "".join(quoted.split()) == citation["quote"]


def test_a_refusal_says_so_in_words_and_in_json(world: Path) -> None:
    question = "电动自行车充电桩每个补贴多少钱？"
    line = told(world, "ask", question, "--json")
    check_answer(line)
    assert line["refused"] and "2 份文件" in line["reason"] and line["answer"].startswith("未找到依据")
    assert said(world, "ask", question).startswith("未找到依据")


@pytest.mark.parametrize("text", [f"{ASKED}\n", json.dumps([ASKED]), f"\ufeff先问一句\n\n{ASKED}\n"])
def test_a_follow_up_is_completed_from_a_file_of_lines_or_json(world: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "history").write_text(text, "utf-8")
    line = told(world, "ask", "那多久做一次？", "--history", tmp_path / "history", "--json")
    assert line["question"] == "那多久做一次？"
    assert "水平衡测试" in line["rewritten"] and "那多久做一次？" in line["rewritten"]
    assert "三年" in line["answer"]


def test_a_completed_follow_up_is_shown(world: Path, tmp_path: Path) -> None:
    (tmp_path / "history").write_text(ASKED, "utf-8")
    first = said(world, "ask", "那多久做一次？", "--history", tmp_path / "history").splitlines()[0]
    assert first.startswith("（按上文理解为：") and "水平衡测试" in first


def test_the_trace_is_part_of_the_json_and_follows_the_words(world: Path) -> None:
    line = told(world, "ask", ASKED, "--json", "--trace")
    check_answer(line, trace={})
    assert isinstance(line["trace"], dict) and line["trace"]
    words = said(world, "ask", ASKED, "--trace")
    assert json.loads(words[words.index("\n{") :]).keys() == line["trace"].keys()


def test_a_batch_of_questions_gives_a_line_each_in_order(world: Path, tmp_path: Path) -> None:
    questions = [
        {"id": "一", "question": ASKED},
        {"id": 2, "question": "那多久做一次？", "history": [ASKED], "note": "more keys are fine"},
        {"id": "3", "question": " "},
        {"id": "4", "question": "哪些技术适合焦化企业？"},
        {"id": "torn\ud800", "question": "\ud800水平衡测试"},
    ]
    text = "\n\n".join(json.dumps(q) for q in questions)
    (tmp_path / "q.jsonl").write_text(text, "utf-8")
    assert said(world, "ask", "--batch", tmp_path / "q.jsonl", "--out", tmp_path / "a.jsonl") == ""
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    for line in lines:
        check_answer(line)
    assert [line["id"] for line in lines] == ["一", "2", "3", "4", "torn?"]
    assert "30万立方米" in lines[0]["answer"] and "三年" in lines[1]["answer"]
    assert lines[2]["refused"] and "空" in lines[2]["reason"]
    assert "闭式循环冷却系统" in lines[3]["answer"] and "干式除尘系统" in lines[3]["answer"]
    assert "膜法" not in lines[3]["answer"]


def test_a_batch_of_queries_gives_a_run_line_each(world: Path, tmp_path: Path) -> None:
    queries = [{"_id": "q1", "text": "水平衡测试"}, {"_id": 7, "text": "膜法"}, {"_id": "q3", "text": ""}]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, queries)), "utf-8")
    assert said(world, "search", "--batch", tmp_path / "q.jsonl", "--out", tmp_path / "run.jsonl", "-k", "2") == ""
    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text("utf-8").splitlines()]
    assert [line["_id"] for line in lines] == ["q1", "7", "q3"]
    assert [line["hits"][0]["doc"] for line in lines[:2]] == list(NAMES)
    assert all(1 <= len(line["hits"]) <= 2 and {"doc", "score"} <= set(line["hits"][0]) for line in lines[:2])
    assert lines[2]["hits"] == [] and "空" in lines[2]["reason"]


def test_the_documents_of_a_beir_corpus_are_found_by_their_ids(tmp_path: Path) -> None:
    texts = {"d1": "取水应当计量，并按季报送。", "d2": "窑炉的余热应当回收。"}
    rows = [{"_id": i, "title": f"{i}号文", "text": t} for i, t in texts.items()]
    (tmp_path / "corpus.jsonl").write_text("\n".join(json.dumps(r) for r in rows), "utf-8")
    assert told(tmp_path, "build", "corpus.jsonl", "--json")["added"] == ["d1", "d2"]
    (best, *_) = told(tmp_path, "search", "余热回收", "--json")
    assert best["doc"] == "d2"


def test_a_removed_document_is_gone_and_the_others_stay(world: Path, tmp_path: Path) -> None:
    shutil.copytree(world / "youju-index", tmp_path / "index")
    assert "移除 1 份" in said(world, "remove", NAMES[1], "--index", tmp_path / "index")
    assert [entry["file"] for entry in told(world, "docs", "--json", "--index", tmp_path / "index")] == [NAMES[0]]
    assert "完好" in said(world, "check", "--index", tmp_path / "index")


def test_check_says_that_a_sound_index_is_sound(world: Path) -> None:
    assert "完好" in said(world, "check")


def test_a_draft_is_checked_against_the_library(world: Path, tmp_path: Path) -> None:
    draft = "重复利用率达到95%以上的企业，奖励20万元。未按期开展测试的，处8000元罚款。"
    (tmp_path / "draft.txt").write_text(draft, "utf-8")
    line = told(world, "verify", tmp_path / "draft.txt", "--json")
    assert [sentence["supported"] for sentence in line["sentences"]] == [True, False]
    claim = {"id": "c1", "text": "奖励20万元", "sources": ["给予一次性奖励20万元。"]}
    (tmp_path / "claims.jsonl").write_text(json.dumps(claim), "utf-8")
    said(world, "verify", "--batch", tmp_path / "claims.jsonl", "--out", tmp_path / "verdicts.jsonl")
    verdict = json.loads((tmp_path / "verdicts.jsonl").read_text("utf-8"))
    assert list(verdict) == ["id", "supported", "figures", "reason"]
    assert verdict["supported"] is True and {"text", "found", "nearest"} == set(verdict["figures"][0])


def test_eval_runs_a_suite_over_an_index(world: Path, tmp_path: Path) -> None:
    case = {
        "id": "c1", "question": ASKED, "type": "fact", "facts": [["30万立方米"]], "forbidden": [],
        "evidence": [{"doc": NAMES[0], "quote": "应当每三年开展一次水平衡测试"}], "must_cite": [0],
    }  # fmt: skip
    (tmp_path / "suite.jsonl").write_text(json.dumps(case), "utf-8")
    assert "答对 1/1" in said(world, "eval", tmp_path / "suite.jsonl", "--index", "youju-index")


def test_settings_come_from_flag_before_environment_before_file(world: Path, tmp_path: Path) -> None:
    (tmp_path / "youju.toml").write_text('index_dir = "nowhere"\n', "utf-8")
    assert "nowhere" in complaint(youju("docs", cwd=tmp_path))
    there = str(world / "youju-index")
    assert youju("docs", cwd=tmp_path, env={"YOUJU_INDEX_DIR": there}).returncode == 0
    assert "none" in complaint(youju("docs", "--index", "none", cwd=tmp_path, env={"YOUJU_INDEX_DIR": there}))


def test_help_and_version_name_every_command(world: Path) -> None:
    words = said(world, "--help")
    assert all(name in words for name in ("build", "remove", "docs", "search", "ask", "verify", "check", "eval"))
    assert said(world, "--version").startswith("youju")


def test_a_reader_that_stops_early_is_no_error(world: Path) -> None:
    command = f"{sys.executable} -m rag.cli docs --json | true"
    done = subprocess.run(["bash", "-c", command], cwd=world, env=environment(), capture_output=True, check=False)
    assert done.stderr == b""


def test_characters_that_the_terminal_lacks_are_replaced(world: Path) -> None:
    command = [sys.executable, "-m", "rag.cli", "ask", ASKED]
    env = environment(PYTHONIOENCODING="ascii")
    done = subprocess.run(command, cwd=world, env=env, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"30" in done.stdout


def test_the_prompt_answers_until_an_empty_line(world: Path) -> None:
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "rag.cli", "ask"]
    process = subprocess.Popen(
        command, cwd=world, env=environment(TERM="dumb"), stdin=slave, stdout=slave, stderr=slave, close_fds=True
    )
    os.close(slave)
    shown = _until(master, "问> ")
    os.write(master, f"{ASKED}\n".encode())
    shown += _until(master, "问> ")
    os.write(master, "那多久做一次？\n".encode())
    shown += _until(master, "问> ")
    os.write(master, b"\n")
    try:
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        os.close(master)
    assert "30万立方米" in shown and "Traceback" not in shown
    assert shown.count("按上文理解为") == 1, "only the follow-up is completed from what was asked before"


def _until(master: int, end: str, seconds: float = 30) -> str:
    """Return what the terminal shows up to ``end``."""
    shown, stop = b"", time.monotonic() + seconds
    while not shown.endswith(end.encode()):
        ready, _, _ = select.select([master], [], [], max(0.0, stop - time.monotonic()))
        assert ready, f"no {end!r} after {seconds} s: {shown.decode('utf-8', 'replace')}"
        shown += os.read(master, 4096)
    return shown.decode("utf-8", "replace")


def test_without_a_question_and_without_a_terminal_it_says_how_to_ask(world: Path) -> None:
    assert "youju ask" in complaint(youju("ask", cwd=world))
