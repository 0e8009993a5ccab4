"""Which language model words the answers: an endpoint, recorded answers, or none."""

from __future__ import annotations

from pathlib import Path

from index.errors import InputError, YoujuError
from rag.config import Settings
from rag.llm.endpoint import Endpoint
from rag.llm.model import LanguageModel, Message, complete
from rag.llm.recorded import Dump, Recorder, Replay


def choose_model(
    settings: Settings,
    no_llm: bool = False,
    record: Path | None = None,
    replay: Path | None = None,
    dump: Path | None = None,
) -> LanguageModel | None:
    """Return the model that settings and arguments ask for; None: answers are quotations.

    ``replay`` takes the endpoint's place; ``record`` writes down what passes; ``dump`` writes down every request, and
    needs no model.

    Raises:
        InputError: the arguments contradict each other, a folder is unusable, the settings are incomplete.
    """
    if no_llm:
        if record or replay or dump:
            raise InputError("--no-llm 不能与 --record、--replay、--dump-prompts 同用")
        return None
    if record and replay:
        raise InputError("--record 与 --replay 不能同用", "录制要连接服务，回放不连接")
    model = Replay(replay) if replay else endpoint(settings)
    if record:
        if model is None:
            raise InputError("没有可录制的语言模型", "请设置 llm_base_url 与 llm_model")
        model = Recorder(model, record)
    return Dump(dump, model) if dump else model


def endpoint(settings: Settings) -> LanguageModel | None:
    """Return the endpoint that the settings name, made ready in the background; None where they name none.

    Raises:
        InputError: the settings are incomplete.
    """
    if not settings.llm_base_url:
        return None
    opened = Endpoint(settings)
    opened.prepare()
    return opened


def check_model(settings: Settings) -> str:
    """Ask the endpoint for one word; return what is wrong (Chinese, one line), "" where it answers."""
    try:
        opened = Endpoint(settings.model_copy(update={"llm_max_tokens": 50}))
        complete(opened, [Message("user", "请只回答一个字：好")])
    except YoujuError as error:
        return error.line()
    return ""
