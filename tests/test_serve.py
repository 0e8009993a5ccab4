"""``youju serve`` and ``youju user`` as commands: what they refuse, what they print, how they end."""

from __future__ import annotations

import argparse
import importlib.util
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from youju_process import complaint, environment, youju

from index.errors import MissingPackageError
from rag import serving
from tests.server import needed, served, world

PASSWORD = "correct horse battery"


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.5", "example.com", ""])
def test_it_is_not_opened_to_others_without_accounts(tmp_path: Path, address: str) -> None:
    line = complaint(youju("serve", "--host", address, "--port", "0", cwd=tmp_path))
    assert "没有账户" in line and "youju user add" in line


@pytest.mark.parametrize(
    ("address", "local"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("[::1]", True), ("localhost", True), ("0.0.0.0", False),
     ("::", False), ("10.0.0.1", False), ("localhost.example.com", False), ("", False)],
)  # fmt: skip
def test_only_this_machine_is_local(address: str, local: bool) -> None:
    assert serving.is_local(address) is local


def test_with_an_account_it_may_be_opened(tmp_path: Path) -> None:
    needed()
    folder = world(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "rag.cli", "user", "add", "zhang", "--role", "admin"], cwd=folder, env=environment(),
        input=f"{PASSWORD}\n", capture_output=True, encoding="utf-8", timeout=60, check=True,
    )  # fmt: skip
    assert "zhang" in done.stdout
    with served(folder, "--host", "0.0.0.0") as running:
        assert "0.0.0.0" in running.url
        port = running.url.rpartition(":")[2]
        assert running.client.get(f"http://127.0.0.1:{port}/api/me").status_code == 401
        assert running.client.get(f"http://127.0.0.1:{port}/healthz").json() == {"ok": True}


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    needed()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        line = complaint(youju("serve", "--port", str(taken.getsockname()[1]), cwd=tmp_path))
    assert "不能监听" in line and "--port" in line


@pytest.mark.parametrize("port", ["70000", "-1", "x"])
def test_an_odd_port_is_told_in_one_line(tmp_path: Path, port: str) -> None:
    complaint(youju("serve", f"--port={port}", cwd=tmp_path))


@pytest.mark.parametrize("name", ["fastapi", "uvicorn", "mcp"])
def test_without_the_extra_the_pip_line_is_told(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda each: None if each == name else real(each))
    with pytest.raises(MissingPackageError) as caught:
        serving.serve(argparse.Namespace(index=None, host=None, port=None, no_llm=False))
    assert caught.value.line() == f'没有安装 {name}（pip install "youju[serve]"）'


def test_the_other_commands_do_not_pay_for_the_server(tmp_path: Path) -> None:
    code = (
        "import sys; from rag.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "sys.exit(len([n for n in ('fastapi', 'starlette', 'uvicorn', 'mcp', 'rag.api') if n in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, check=False)
    assert done.stderr.strip() == b"" and done.returncode == 0


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_it_is_told_to(tmp_path: Path, way: signal.Signals) -> None:
    needed()
    with served(world(tmp_path)) as running:
        assert running.ask().status_code == 200
        running.process.send_signal(way)
        running.process.wait(15)
    assert running.process.returncode == 0, running.log
    assert "Traceback" not in "".join(running.log)


def test_the_audit_log_can_be_switched_off_and_put_elsewhere(tmp_path: Path) -> None:
    needed()
    folder = world(tmp_path)
    with served(folder, audit_enabled="false", feedback_file="opinions.jsonl") as running:
        assert running.ask().status_code == 200
        running.client.post("/api/feedback", json={"thumb": "up", "question": "好"})
    assert not (folder / "youju-index.audit.jsonl").exists() and (folder / "opinions.jsonl").exists()
    with served(folder, audit_file="log/audit.jsonl") as running:
        assert running.ask().status_code == 200
        assert len(running.lines("log/audit.jsonl")) == 1


def test_the_user_command_says_what_is_wrong(tmp_path: Path) -> None:
    assert "缺少" in complaint(youju("user", "add", cwd=tmp_path))
    assert "8" in complaint(youju("user", "add", "zhang", cwd=tmp_path)), "an empty password from a closed stdin"
    assert "没有用户" in complaint(youju("user", "remove", "zhang", cwd=tmp_path))
    assert "没有用户" in complaint(youju("user", "token", "zhang", cwd=tmp_path))
    assert "没有文件组" in complaint(youju("user", "group", "组", cwd=tmp_path))
    assert "还没有账户" in youju("user", "list", cwd=tmp_path).stdout
    complaint(youju("user", "dance", cwd=tmp_path))
    assert re.search("没有账户", complaint(youju("serve", "--host", "0.0.0.0", cwd=tmp_path)))
