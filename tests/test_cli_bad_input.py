"""Bad input on the command line: each time one clear line and exit code 2, or a line in the report; nothing is lost."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from youju_process import NAMES, complaint, environment, write_documents, youju

import rag.cli
from index.errors import InputError
from index.store.generation import build_lock

ASKED = "年取水量超过多少的企业要做水平衡测试？"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two documents in ``docs`` and their index in the default place."""
    folder = tmp_path_factory.mktemp("world")
    write_documents(folder / "docs")
    done = youju("build", "docs", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def here(world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command in this process, which is quicker, and return the one line it complains with."""
    for name in list(os.environ):
        if name.startswith("YOUJU_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(world)

    def complains(*arguments: str | Path) -> str:
        code = rag.cli.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert (code, out) == (2, "")
        (line,) = err.splitlines()
        assert line.startswith("错误：") and len(line) > 5
        return line

    return complains


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty.txt": (b"", "空文件"),
    "picture.txt": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8, "图片"),
    "noise.txt": (bytes((i * 7919 + i * i) % 256 for i in range(4000)), "文本"),
    "broken.xlsx": (b"PK\x03\x04 and then nothing that a zip has", "损坏"),
    "page.pdf": (b"%PDF-1.7\nno page follows", ""),
    "long.txt": (("一" * 3000).encode(), "超过 2000 字"),
    "unknown.xyz": (b"text", ""),
}  # fmt: skip


def test_each_unreadable_file_is_named_with_the_reason_and_stops_no_other(tmp_path: Path) -> None:
    write_documents(tmp_path / "docs")
    for name, (content, _) in BAD_FILES.items():
        (tmp_path / "docs" / name).write_bytes(content)
    done = youju("build", "docs", "--json", cwd=tmp_path, env={"YOUJU_INDEX__LIMITS__MAX_LINE_CHARS": "2000"})
    assert done.returncode == 0 and "Traceback" not in done.stderr
    report = json.loads(done.stdout)
    assert report["added"] == sorted(NAMES)
    reasons = {each["file"]: each["reason"] for each in report["skipped"]}
    assert set(reasons) == set(BAD_FILES)
    for name, (_, part) in BAD_FILES.items():
        assert part in reasons[name] and "\n" not in reasons[name]
        assert any("\u4e00" <= char <= "\u9fff" for char in reasons[name])


def test_a_build_of_nothing_readable_makes_no_index_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    done = youju("build", "empty.txt", cwd=tmp_path)
    assert "没有可读的文件" in complaint(done)
    assert "empty.txt" in done.stdout and "空文件" in done.stdout
    as_json = youju("build", "empty.txt", "--json", cwd=tmp_path)
    assert json.loads(as_json.stdout)["skipped"][0]["file"] == "empty.txt" and as_json.returncode == 2
    (tmp_path / "nothing").mkdir()
    assert "没有可读的文件" in complaint(youju("build", "nothing", cwd=tmp_path))
    assert "没有索引" in complaint(youju("docs", cwd=tmp_path))


def test_an_unreadable_file_beside_an_index_leaves_the_index_as_it_was(world: Path, tmp_path: Path) -> None:
    shutil.copytree(world / "youju-index", tmp_path / "youju-index")
    (tmp_path / NAMES[0]).touch()
    done = youju("build", NAMES[0], cwd=tmp_path)
    assert done.returncode == 0 and "保留旧版" in done.stdout
    assert "30万立方米" in youju("ask", ASKED, cwd=tmp_path).stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    write_documents(tmp_path / "docs")
    (tmp_path / "docs" / NAMES[0]).chmod(0)
    done = youju("build", "docs", "--json", cwd=tmp_path)
    assert [each["file"] for each in json.loads(done.stdout)["skipped"]] == [NAMES[0]]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ((), "COMMAND"),
        (("frage",), "frage"),
        (("build",), "PATH"),
        (("build", "no-such-folder"), "no-such-folder"),
        (("remove", "没有.txt"), "没有.txt"),
        (("search",), "检索词"),
        (("search", "水", "-k", "0"), "0"),
        (("search", "水", "-k", "-3"), "-3"),
        (("search", "水", "-k", "many"), "many"),
        (("search", " "), "空"),
        (("ask", ""), "空"),
        (("ask", "\u200b\x00 \n"), "空"),
        (("ask", "问" * 100_000), "100000"),
        (("search", "问" * 100_000), "100000"),
        (("ask", "水？", "--index", "no-such-index"), "no-such-index"),
        (("check", "--index", "no-such-index"), "no-such-index"),
        (("ask", "水？", "--history", "no-such-file"), "no-such-file"),
        (("ask", "--batch", "no-such-file", "--out", "x"), "no-such-file"),
        (("ask", "--batch", "docs/工业节水办法.txt"), "--out"),
        (("ask", "水？", "--nonsense"), "--nonsense"),
        (("verify", "no-such-file"), "no-such-file"),
        (("verify",), "草稿"),
    ],
)
def test_a_wrong_call_is_one_line(here: Callable[..., str], arguments: tuple[str, ...], part: str) -> None:
    assert part in here(*arguments)


def test_a_wrong_call_of_eval_is_one_line_too(world: Path) -> None:
    done = youju("eval", "no-such-suite.jsonl", cwd=world)
    assert done.returncode == 2 and "no-such-suite" in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_process_ends_with_code_2_and_no_traceback(world: Path) -> None:
    assert "no-such-folder" in complaint(youju("build", "no-such-folder", cwd=world))
    assert "10000" in complaint(youju("ask", "问" * 10_000, cwd=world))


@pytest.mark.parametrize(
    "question",
    ["年取水量\x00\x07超过多少的企业\u202e要做水平衡测试？\x1b[31m", "年取水量\ud800超过多少的企业要做水平衡测试？"],
)
def test_control_characters_and_torn_ones_change_nothing(
    world: Path, question: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(world)
    assert rag.cli.main(["ask", question, "--json"]) == 0
    out, err = capsys.readouterr()
    assert "30万立方米" in json.loads(out)["answer"] and err == ""


def test_bytes_that_are_no_text_are_a_question_like_any_other(world: Path) -> None:
    command: list[str | bytes] = [sys.executable, "-m", "rag.cli", "ask", "水平衡测试".encode() + b"\xff\xfe\xe4"]
    done = subprocess.run(command, cwd=world, env=environment(), capture_output=True, check=False)
    assert done.returncode == 0 and b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("lines", "part"),
    [
        ('{"id": "1", "question": "水？"}\n{"id": ', "第 2 行"),
        ("[1, 2]", "第 1 行"),
        ('{"id": "1"}', "question"),
        ('{"id": "1", "question": "水？", "history": "不是数组"}', "history"),
        ("[" * 100_000, "第 1 行"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_a_bad_line_of_a_batch_is_named_and_earlier_results_are_kept(
    here: Callable[..., str], tmp_path: Path, lines: str | bytes, part: str
) -> None:
    (tmp_path / "q.jsonl").write_bytes(lines if isinstance(lines, bytes) else lines.encode())
    (tmp_path / "a.jsonl").write_text("earlier results", "utf-8")
    line = here("ask", "--batch", tmp_path / "q.jsonl", "--out", tmp_path / "a.jsonl")
    assert "q.jsonl" in line and part in line
    assert (tmp_path / "a.jsonl").read_text("utf-8") == "earlier results"


def test_a_bad_line_of_claims_keeps_earlier_verdicts(here: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"id": "1", "text": "水", "sources": []}\n{"id": "2"}', "utf-8")
    (tmp_path / "v.jsonl").write_text("earlier", "utf-8")
    assert "2" in here("verify", "--batch", tmp_path / "c.jsonl", "--out", tmp_path / "v.jsonl")
    assert (tmp_path / "v.jsonl").read_text("utf-8") == "earlier"


def test_a_bad_query_line_and_a_bad_k_are_named(here: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"_id": "1", "text": "水"}\n{"text": "水"}', "utf-8")
    batch = ("search", "--batch", tmp_path / "q.jsonl", "--out", tmp_path / "run.jsonl")
    assert "第 2 行" in here(*batch)
    assert "0" in here(*batch, "-k", "0")
    assert not (tmp_path / "run.jsonl").exists()


def test_results_overwrite_neither_the_questions_nor_go_where_nothing_can_be_written(
    here: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "q.jsonl").write_text('{"id": "1", "question": "水？"}', "utf-8")
    assert "覆盖" in here("ask", "--batch", tmp_path / "q.jsonl", "--out", tmp_path / "q.jsonl")
    assert "question" in (tmp_path / "q.jsonl").read_text("utf-8")
    for command in ("ask", "verify"):
        (tmp_path / "q.jsonl").write_text('{"id": "1", "question": "水？", "text": "水", "sources": []}', "utf-8")
        assert "x.jsonl" in here(command, "--batch", tmp_path / "q.jsonl", "--out", tmp_path / "none" / "x.jsonl")


@pytest.mark.parametrize("text", ["[1, 2]", '["a"', '[["a"]]', b"\xff\xfe"])
def test_a_history_of_another_form_is_named(here: Callable[..., str], tmp_path: Path, text: str | bytes) -> None:
    (tmp_path / "history").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert "history" in here("ask", "水？", "--history", tmp_path / "history")


def test_a_damaged_index_is_found_by_check_and_not_answered_from(world: Path, tmp_path: Path) -> None:
    shutil.copytree(world / "youju-index", tmp_path / "youju-index")
    (library,) = (tmp_path / "youju-index").rglob("library.sqlite")
    content = bytearray(library.read_bytes())
    for at in range(len(content) // 3, len(content) // 3 + 64):
        content[at] ^= 0xFF
    library.write_bytes(content)
    done = youju("check", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert "library" in done.stdout and "重建" in done.stdout


@pytest.mark.parametrize("name", ["starts", "rows", "scores", "vocabulary", "offsets"])
def test_flipped_bytes_of_the_search_arrays_never_crash_an_answer(
    world: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    index = tmp_path / "index"
    shutil.copytree(world / "youju-index", index)
    (path,) = index.rglob(f"{name}.npy")
    sound, rng = path.read_bytes(), random.Random(name)
    for place in (8, 12, 40, 60, *(rng.randrange(128, len(sound)) for _ in range(12))):
        content = bytearray(sound)
        content[place] ^= rng.randrange(1, 256)
        path.write_bytes(content)
        code = rag.cli.main(["ask", ASKED, "--index", str(index)])
        out, err = capsys.readouterr()
        assert code == 0 and out or (code == 2 and len(err.splitlines()) == 1), (place, out, err)
        assert rag.cli.main(["check", "--index", str(index)]) == 1
        capsys.readouterr()


@pytest.mark.parametrize("name", ["manifest.json", "library.sqlite"])
def test_an_index_with_a_cut_file_is_refused_in_one_line(world: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(world / "youju-index", tmp_path / "youju-index")
    (path,) = (tmp_path / "youju-index").rglob(name)
    path.write_bytes(path.read_bytes()[:100])
    assert "youju-index" in complaint(youju("ask", ASKED, cwd=tmp_path))
    assert youju("check", cwd=tmp_path).returncode == 1


def test_an_index_of_other_settings_says_which_and_what_to_run(world: Path) -> None:
    line = complaint(youju("ask", ASKED, cwd=world, env={"YOUJU_INDEX__PASSAGE_CHARS": "200"}))
    assert "passage_chars" in line and "youju build" in line


@pytest.mark.parametrize(
    ("toml", "part"),
    [
        ("top_k = 0", "top_k"),
        ("top_k = [", "设置读不懂"),
        ("no_such_setting = 1", "no_such_setting"),
        ('[index]\nk1 = "high"', "index.k1"),
        ("[index.limits]\nmax_pages = -1", "index.limits.max_pages"),
    ],
)
def test_a_bad_value_in_the_settings_file_is_named(
    here: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, toml: str, part: str
) -> None:
    (tmp_path / "youju.toml").write_text(toml, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert part in here("docs")


@pytest.mark.parametrize(
    ("name", "value"),
    [("TOP_K", "many"), ("INDEX__B", "2"), ("INDEX__NO_SUCH", "1"), ("INDEX", "{"), ("MAX_QUESTION_CHARS", "1")],
)
def test_a_bad_value_in_the_environment_is_named(
    here: Callable[..., str], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"YOUJU_{name}", value)
    line = here("docs")
    assert name.lower().replace("__", ".") in line and "YOUJU_" in line


def test_of_two_builds_at_once_the_second_is_told_and_the_first_goes_on(world: Path, tmp_path: Path) -> None:
    write_documents(tmp_path / "docs")
    with build_lock(tmp_path / "youju-index"):
        assert "youju-index" in complaint(youju("build", "docs", cwd=tmp_path))
    assert youju("build", "docs", cwd=tmp_path).returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_one_line(world: Path) -> None:
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "rag.cli", "docs", "--json"]
        done = subprocess.run(
            command, cwd=world, env=environment(), stdout=full, stderr=subprocess.PIPE, encoding="utf-8", check=False
        )
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and done.stderr.startswith("错误：")


def test_an_interrupted_command_is_one_line(here: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.service.PolicyQA.open", lambda **_: os.kill(os.getpid(), signal.SIGINT))
    assert "中断" in here("docs")


def test_an_error_of_several_lines_is_printed_as_one(here: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_: object) -> None:
        raise InputError("一行\n又一行", "试试\n别的")

    monkeypatch.setattr("rag.service.PolicyQA.open", fails)
    assert here("docs") == "错误：一行 又一行（试试 别的）"
