"""``youju`` as a process of its own, and a small library of documents written for the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

LAW = """长河市工业节约用水管理办法

长水发〔2023〕15号

长河市水务局

2023年5月8日

第一章 总则

第一条 为了规范工业用水，减少浪 费，制定本办法。

第二条 年取水量超过 30 万立方米的
企业，应当每三年开展一次水平衡测试。

第二章 奖励与处罚

第三条 水的重复利用率达到 95% 以上的企业，给予一次性奖励 20 万元。

第四条 未按期开展测试的，由水务部门责令改正，处 5000 元罚款。

第五条 鼓励企业采用（一）循环冷却；（二）中水回用；（三）雨水收集等措施。
"""
TABLE = """序号,技术名称,适用范围,节水效果
1,闭式循环冷却系统,适用于水泥和焦化企业,每年节水12万吨
2,膜法中水回用装置,适用于印染企业,回用率达到70%
3,干式除尘系统,适用于焦化企业,每年节水3.5万吨
"""
NAMES = ("工业节水办法.txt", "节水技术目录.csv")


def write_documents(folder: Path) -> Path:
    """Write the two documents and return their folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in zip(NAMES, (LAW, TABLE), strict=True):
        (folder / name).write_text(text, "utf-8")
    return folder


def environment(**changes: str) -> dict[str, str]:
    """Return the environment without any setting of youju or of Python's output, with the changes."""
    dropped = ("YOUJU_", "PYTHONUNBUFFERED", "PYTHONIOENCODING")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **changes}


def youju(*arguments: str | Path, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``youju`` without a terminal and return what it wrote."""
    command = [sys.executable, "-m", "rag.cli", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=environment(**(env or {})), capture_output=True, stdin=subprocess.DEVNULL,
        encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line in which a command said what was wrong; fails where it said more, or crashed."""
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("错误："), done.stderr
    assert any("\u4e00" <= char <= "\u9fff" for char in lines[0][3:]), done.stderr
    return lines[0]
