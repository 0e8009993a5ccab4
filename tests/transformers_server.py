"""An OpenAI-compatible server that none of us wrote: ``transformers serve`` over a tiny model made on the spot.

The model has random weights and one token a character, so what it says is noise, but it is noise sent by a real
server: with its own framing, fields and timing, and without a closing [DONE] (5.23.0). Nothing is downloaded.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

NEEDED = ("accelerate", "fastapi", "openai", "psutil", "torch", "transformers", "uvicorn")
_TEMPLATE = "{% for m in messages %}{{ m['role'] }}：{{ m['content'] }}\n{% endfor %}assistant："
_WORDS = (
    "企业应当节约用水能源提高降低不得可以每年补助标准万元吨第一二三四五六七八九十条本办法自起施行的。，；：《》（）"
)
_SERVE = "from transformers.cli.transformers import app; app()"
"""Not the ``transformers`` command: that first asks a package index whether there is a newer version."""


@dataclass(frozen=True, slots=True)
class Running:
    """A running server: its address, the name of its model (any other one is refused with 400), its process, its log.

    Its list of models is empty: it lists a cache, not the model that it was started with.
    """

    base_url: str
    model: str
    process: subprocess.Popen[bytes]
    log: Path


def missing() -> list[str]:
    """Return the packages that the server needs and that are not installed (extra ``dev-serving``)."""
    return [name for name in NEEDED if find_spec(name) is None]


def save_model(folder: Path) -> None:
    """Save a two-layer Llama of width 32 with a tokenizer of one token a character and a chat template."""
    import torch
    import transformers
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

    specials = ["<s>", "</s>", "<unk>"]
    letters = dict.fromkeys([*map(chr, range(0x20, 0x7F)), "\n", *_WORDS])
    words = {word: number for number, word in enumerate([*specials, *letters])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    tokenizer.decoder = decoders.Fuse()
    wrapped = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="</s>"
    )
    wrapped.chat_template = _TEMPLATE
    wrapped.save_pretrained(folder)
    torch.manual_seed(1)
    config = transformers.LlamaConfig(
        vocab_size=len(words), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=32768, bos_token_id=0, eos_token_id=1, pad_token_id=1,
    )  # fmt: skip
    model = transformers.LlamaForCausalLM(config).eval()
    model.generation_config.eos_token_id = None  # an answer ends where the request says, each time
    model.save_pretrained(folder)


def _environment(home: Path) -> dict[str, str]:
    (home / "hub").mkdir(parents=True, exist_ok=True)  # the list of models fails where there is none
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "HF_HUB_CACHE": str(home / "hub")}
    quiet = {
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "OMP_NUM_THREADS": "1",
    }
    return {**os.environ, **offline, **quiet, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: Running, seconds: float) -> None:
    """Wait until the server answers.

    Raises:
        RuntimeError: it ended, or did not answer in time; with the end of its log.
    """
    until = time.monotonic() + seconds
    health = server.base_url.removesuffix("/v1") + "/health"
    while time.monotonic() < until and server.process.poll() is None:
        try:
            with urllib.request.urlopen(health, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    tail = server.log.read_text("utf-8", "replace")[-2000:]
    raise RuntimeError(f"transformers serve did not start (exit status {server.process.poll()}):\n{tail}")


@contextmanager
def running(folder: Path, *, patience: float = 120.0) -> Iterator[Running]:
    """Serve the tiny model, kept below the folder, on a free port of this machine; end the process afterwards.

    Args:
        folder: for the model, the log and the empty cache.
        patience: seconds that the start may take.

    Raises:
        RuntimeError: the server did not start.
    """
    model, log = folder / "model", folder / "serve.log"
    if not (model / "config.json").exists():
        save_model(model)
    port = _free_port()
    command = [sys.executable, "-c", _SERVE, "serve", str(model), "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--device", "cpu"], cwd=folder, env=_environment(folder / "home"), stdin=subprocess.DEVNULL,
            stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    server = Running(f"http://127.0.0.1:{port}/v1", str(model), process, log)
    try:
        _wait(server, patience)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
