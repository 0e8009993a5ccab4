"""The command line with a language model: endpoint, fallback, requests and answers in folders, contradictions, eval."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.llm_server import Request, Server, refused, reply, scripted, status
from tests.youju_process import complaint, write_documents, youju

ASKED = "水的重复利用率达到多少给予奖励？"
WORDED = "重复利用率达到95%以上的企业，给予一次性奖励20万元"
SECRET = "sk-geheim-4711"
OPENED = r"\[([0-9a-f]{8})\] 第三条"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two documents, their index in the default place, and a suite of two cases."""
    folder = tmp_path_factory.mktemp("world")
    write_documents(folder / "docs")
    done = youju("build", "docs", cwd=folder)
    assert done.returncode == 0, done.stderr
    quote = {"doc": "工业节水办法.txt", "quote": "给予一次性奖励 20 万元"}
    cases = [
        {"id": "a", "question": ASKED, "type": "fact", "facts": [["20万元"]], "evidence": [quote], "must_cite": [0]},
        {"id": "b", "question": "月球上的氦三储量是多少？", "type": "unanswerable"},
    ]
    (folder / "tiny.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases), "utf-8")
    return folder


@pytest.fixture()
def _client() -> None:
    pytest.importorskip("llama_index.llms.openai_like", reason="the extra `llm` is not installed")


needs_client = pytest.mark.usefixtures("_client")


def worded(prompt: str) -> str:
    """Return what an honest model answers to a prompt: a rewording with its key, or that nothing was found."""
    key = re.search(OPENED, prompt) if ASKED in prompt else None
    return f"{WORDED}[{key.group(1)}]。" if key else "未找到依据"


def honest(request: Request) -> str:
    return worded(request.prompt)


def env(server: Server, **more: str) -> dict[str, str]:
    return {
        "YOUJU_LLM_BASE_URL": server.base_url, "YOUJU_LLM_MODEL": "scripted", "YOUJU_LLM_API_KEY": SECRET,
        "YOUJU_LLM_RETRIES": "0", **more,
    }  # fmt: skip


def line(world: Path, *arguments: str | Path, env: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the answer line of a question asked as a process of its own, without the time it took."""
    done = youju("ask", *arguments, "--json", cwd=world, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert SECRET not in done.stdout
    value = json.loads(done.stdout)
    assert isinstance(value, dict)
    del value["elapsed_ms"]
    return value


def answer_all(folder: Path, suffix: str = ".txt") -> list[Path]:
    """Answer every request of a folder by hand, as plain text beside it; return the requests."""
    requests = sorted(folder.glob("*.json"))
    for file in requests:
        held = json.loads(file.read_text("utf-8"))
        assert held["key"] == file.stem
        said = worded("\n".join(message["content"] for message in held["messages"]))
        file.with_suffix(suffix).write_text(said + "\n", "utf-8")
    return requests


def check_worded(found: Mapping[str, Any]) -> None:
    assert found["mode"] == "llm" and not found["refused"]
    assert found["answer"] == f"{WORDED}[1]。"
    (citation,) = found["citations"]
    assert citation["doc"] == "工业节水办法.txt" and "20万元" in citation["quote"]
    assert "note" not in found


# --- an endpoint ---


@needs_client
def test_an_endpoint_named_in_the_environment_words_the_answer(world: Path) -> None:
    with scripted(reply(honest)) as server:
        check_worded(line(world, ASKED, env=env(server)))
        shown = youju("ask", ASKED, "--trace", cwd=world, env=env(server))
    assert f"{WORDED}[1]。" in shown.stdout and "出处：" in shown.stdout
    assert SECRET not in shown.stdout + shown.stderr
    assert {r.headers["authorization"] for r in server.requests} == {f"Bearer {SECRET}"}
    assert {r.body["model"] for r in server.requests} == {"scripted"}


@needs_client
def test_an_endpoint_named_in_the_settings_file_words_the_answer(world: Path, tmp_path: Path) -> None:
    with scripted(reply(honest)) as server:
        text = f'llm_base_url = "{server.base_url}"\nllm_model = "scripted"\nllm_api_key = "{SECRET}"\n'
        (tmp_path / "youju.toml").write_text(text, "utf-8")
        check_worded(line(tmp_path, ASKED, "--index", world / "youju-index"))
    assert server.requests[0].headers["authorization"] == f"Bearer {SECRET}"


@needs_client
@pytest.mark.parametrize(
    ("behaviour", "told"), [(refused, "连不上"), (status(401), "密钥"), (reply("一派胡言，罚款九百万元。"), "不符")]
)
def test_without_a_usable_answer_the_quotation_is_given_and_says_why(world: Path, behaviour: Any, told: str) -> None:
    with scripted(behaviour) as server:
        found = line(world, ASKED, env=env(server))
    assert found["mode"] == "extractive" and "20万元" in found["answer"] and found["citations"]
    assert told in found["note"] and "摘录" in found["note"]


def test_no_llm_asks_nobody(world: Path) -> None:
    with scripted(reply(honest)) as server:
        found = line(world, ASKED, "--no-llm", env=env(server))
    assert found["mode"] == "extractive" and "note" not in found
    assert not server.requests and not server.visits


# --- folders ---


def test_prompts_written_out_and_answered_by_hand_are_read_back(world: Path, tmp_path: Path) -> None:
    folder = tmp_path / "prompts"
    first = line(world, ASKED, "--dump-prompts", folder)
    assert first["mode"] == "extractive" and "提示词" in first["note"]
    (request,) = answer_all(folder)
    assert ASKED in request.read_text("utf-8")
    check_worded(line(world, ASKED, "--replay", folder))


def test_a_question_that_was_not_answered_in_the_folder_falls_back(world: Path, tmp_path: Path) -> None:
    found = line(world, ASKED, "--replay", tmp_path)
    assert found["mode"] == "extractive" and "20万元" in found["answer"]
    assert re.search("没有请求 [0-9a-f]{16} 的回答", found["note"])


@needs_client
def test_what_was_recorded_replays_as_the_same_line(world: Path, tmp_path: Path) -> None:
    folder = tmp_path / "recorded"
    with scripted(reply(honest)) as server:
        first = line(world, ASKED, "--record", folder, env=env(server))
    check_worded(first)
    assert line(world, ASKED, "--replay", folder, env=env(server)) == first
    assert len(server.requests) == 1
    (file,) = folder.iterdir()
    held = json.loads(file.read_text("utf-8"))
    assert held["model"] == "scripted" and held["response"].startswith(WORDED)
    assert SECRET not in file.read_text("utf-8") and "127.0.0.1" not in file.read_text("utf-8")


def test_a_batch_goes_out_as_prompts_and_comes_back_answered(world: Path, tmp_path: Path) -> None:
    asked = [{"id": "1", "question": ASKED}, {"id": "2", "question": ""}, {"id": "3", "question": "罚款多少？",
             "context": ["逾期的，处2000元罚款。"]}]  # fmt: skip
    questions, out, folder = tmp_path / "q.jsonl", tmp_path / "a.jsonl", tmp_path / "prompts"
    questions.write_text("".join(json.dumps(q) + "\n" for q in asked), "utf-8")
    done = youju("ask", "--batch", questions, "--out", out, "--dump-prompts", folder, cwd=world)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(answer_all(folder, ".md")) == 2
    done = youju("ask", "--batch", questions, "--out", out, "--replay", folder, cwd=world)
    assert (done.returncode, done.stderr) == (0, "")
    found = [json.loads(text) for text in out.read_text("utf-8").splitlines()]
    assert [(f["id"], f["mode"], f["refused"]) for f in found] == [
        ("1", "llm", False), ("2", "extractive", True), ("3", "llm", True)
    ]  # fmt: skip
    done = youju("ask", "--batch", questions, "--out", out, "--no-llm", cwd=world)
    assert [json.loads(text)["mode"] for text in out.read_text("utf-8").splitlines()] == ["extractive"] * 3


@needs_client
def test_a_batch_is_recorded_through_an_endpoint(world: Path, tmp_path: Path) -> None:
    questions, out = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    questions.write_text(json.dumps({"id": "1", "question": ASKED}) + "\n", "utf-8")
    with scripted(reply(honest)) as server:
        done = youju(
            "ask", "--batch", questions, "--out", out, "--record", tmp_path / "r", cwd=world, env=env(server)
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    check_worded(json.loads(out.read_text("utf-8")))
    assert len(list((tmp_path / "r").glob("*.json"))) == 1


# --- wrong usage ---


@pytest.mark.parametrize(
    "options",
    [
        ("--no-llm", "--record", "r"),
        ("--no-llm", "--replay", "."),
        ("--no-llm", "--dump-prompts", "d"),
        ("--record", "r", "--replay", "."),
        ("--record", "r"),
        ("--replay", "none"),
    ],
)
def test_contradictory_options_are_one_line(world: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    done = youju("ask", ASKED, *options, "--index", world / "youju-index", cwd=tmp_path)
    complaint(done)
    assert done.stdout == "" and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"YOUJU_LLM_MODEL": ""}, "llm_model"),
        ({"YOUJU_LLM_BASE_URL": "localhost:8000"}, "llm_base_url"),
        ({"YOUJU_LLM_TIMEOUT_S": "soon"}, "llm_timeout_s"),
        ({"YOUJU_LLM_EXTRA": "{"}, "llm_extra"),
    ],
)
def test_settings_that_name_no_usable_endpoint_are_one_line(world: Path, changes: dict[str, str], named: str) -> None:
    given = {"YOUJU_LLM_BASE_URL": "http://127.0.0.1:9/v1", "YOUJU_LLM_MODEL": "m", "YOUJU_LLM_API_KEY": SECRET}
    done = youju("ask", ASKED, cwd=world, env={**given, **changes})
    assert named in complaint(done).lower()
    assert SECRET not in done.stderr


@pytest.mark.parametrize("changes", [{"YOUJU_LLM_MODEL": ""}, {"YOUJU_LLM_BASE_URL": "localhost:8000"}])
def test_no_llm_needs_no_usable_endpoint(world: Path, changes: dict[str, str]) -> None:
    given = {"YOUJU_LLM_BASE_URL": "http://127.0.0.1:9/v1", "YOUJU_LLM_MODEL": "m"}
    assert line(world, ASKED, "--no-llm", env={**given, **changes})["mode"] == "extractive"


# --- check ---


@needs_client
def test_check_tells_whether_the_endpoint_answers(world: Path) -> None:
    with scripted(reply("好")) as server:
        done = youju("check", cwd=world, env=env(server))
    assert done.returncode == 0 and "语言模型 scripted：有回应" in done.stdout
    for behaviour, told in ((refused, "连不上"), (status(401), "密钥")):
        with scripted(behaviour) as server:
            done = youju("check", cwd=world, env=env(server))
        assert done.returncode == 1 and told in done.stdout and "完好" in done.stdout
        assert SECRET not in done.stdout + done.stderr and "Traceback" not in done.stderr


def test_check_tells_what_is_missing_in_the_settings(world: Path) -> None:
    done = youju("check", cwd=world, env={"YOUJU_LLM_BASE_URL": "http://127.0.0.1:9/v1"})
    assert done.returncode == 1 and "llm_model" in done.stdout and "完好" in done.stdout
    assert "语言模型" not in youju("check", cwd=world).stdout


# --- eval ---


def test_a_suite_runs_on_answers_read_back_and_is_judged(world: Path, tmp_path: Path) -> None:
    folder, report = tmp_path / "prompts", tmp_path / "report"
    suite = ("eval", world / "tiny.jsonl", "--index", world / "youju-index", "--mode", "llm")
    done = youju(*suite, "--dump-prompts", folder, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    answer_all(folder)
    done = youju(*suite, "--replay", folder, "--judge", "--dump-prompts", folder, "--report", report, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (
        "2/2" in done.stdout and "语言模型评判（不计入正确率）" in done.stdout and "没有给出评判的 1 题" in done.stdout
    )
    asked = [f for f in folder.glob("*.json") if "请评判" in f.read_text("utf-8")]
    assert len(asked) == 1
    asked[0].with_suffix(".txt").write_text('{"faithful": 1, "complete": 1, "reason": "都在"}', "utf-8")
    done = youju(*suite, "--replay", folder, "--judge", "--report", report, cwd=tmp_path)
    assert done.returncode == 0 and "模型 1/1，精确指标 1/1，一致 100.0%" in done.stdout
    told = (report / "report.json").read_text("utf-8")
    assert '"judge"' in told and "都在" in told


@pytest.mark.parametrize(
    "options",
    [
        ("--replay", "."),
        ("--record", "r"),
        ("--dump-prompts", "d"),
        ("--judge",),
        ("--mode", "llm"),
        ("--no-llm", "--judge"),
    ],
)
def test_eval_says_in_one_line_what_the_model_options_need(world: Path, options: tuple[str, ...]) -> None:
    done = youju("eval", "tiny.jsonl", *options, cwd=world)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert len(done.stderr.splitlines()) == 1 and "Traceback" not in done.stderr
    assert not (world / "r").exists() and not (world / "d").exists()
