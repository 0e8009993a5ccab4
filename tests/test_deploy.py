"""The files to deploy by: they name real commands and settings, run without root, and copy what the package needs."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from rag.cli import _parser
from rag.config import Settings

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
UNITS = ("youju.service", "youju@.service")


def _instructions() -> list[str]:
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_container_runs_without_root_and_reports_its_health() -> None:
    lines = _instructions()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users and users[-1].isdigit() and int(users[-1]) >= 1000
    assert any(line.startswith("HEALTHCHECK ") and "/healthz" in line for line in lines)
    assert not any(line.startswith("ADD ") or "curl" in line or "wget" in line for line in lines)


def test_the_container_gets_every_package_and_installs_pinned_versions() -> None:
    lines = _instructions()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    rooms = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    copied = {line.split()[1] for line in lines if line.startswith("COPY ")}
    assert rooms <= copied | {Path(name).name for name in copied}
    assert any("-c constraints.txt" in line for line in lines)
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    named = {name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]}
    assert named <= kept
    (extras,) = [line.partition("=")[2] for line in lines if line.startswith("ARG EXTRAS")]
    assert set(extras.split(",")) <= set(project["project"]["optional-dependencies"])


@pytest.mark.parametrize("unit", UNITS)
def test_the_units_start_a_real_command_on_this_machine_alone(unit: str) -> None:
    text = (DEPLOY / unit).read_text("utf-8")
    (command,) = re.findall(r"^ExecStart=\S+/youju (.+)$", text, re.MULTILINE)
    options = _parser().parse_args(command.replace("%i", "7861").split())
    assert options.host == "127.0.0.1"
    for line in ("User=youju", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="):
        assert f"\n{line}\n" in text


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_takes_the_units(unit: str, tmp_path: Path) -> None:
    analyse = shutil.which("systemd-analyze")
    if not analyse:
        pytest.skip("systemd is not installed")
    text = (DEPLOY / unit).read_text("utf-8").replace("/opt/youju/.venv/bin/youju", "/bin/true")
    (tmp_path / unit.replace("@", "@7861")).write_text(text, "utf-8")
    done = subprocess.run([analyse, "verify", tmp_path / unit.replace("@", "@7861")], capture_output=True, text=True, check=False)
    assert not re.findall(r"(?i)unknown|invalid|failed to parse", done.stderr), done.stderr


def test_the_notes_name_real_commands_and_settings() -> None:
    text = (DEPLOY / "README.md").read_text("utf-8")
    commands = re.findall(r"^    youju (\S.*?)(?:  +#.*)?$", text, re.MULTILINE)
    assert len(commands) >= 5
    for command in commands:
        _parser().parse_args([word.strip("'") for word in command.split()])
    for name in re.findall(r"`(serve_\w+|access_\w+|audit_\w+)`|as (serve_\w+)", text):
        assert "".join(name) in Settings.model_fields
    assert {f"YOUJU_{name.upper()}" for name in Settings.model_fields} >= set(re.findall(r"YOUJU_\w+", text))
