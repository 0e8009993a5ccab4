"""Words on a terminal: an answer appears as it comes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.talk import print_answer
from rag.types import Answer, Done, Event, Found, Preview, Text


def test_an_answer_is_written_as_it_comes(capsys: pytest.CaptureFixture[str]) -> None:
    whole = Answer("那两年呢", "三年期——那两年呢", "前半后半", note="有 1 句略去")

    def events() -> Iterator[Event]:
        yield Found((), whole.rewritten)
        yield Preview("前")
        yield Text("前半")
        assert capsys.readouterr().out == "（按上文理解为：三年期——那两年呢）\n前半"
        yield Text("后半")
        yield Done(whole)

    assert print_answer("那两年呢", events()) is whole
    assert capsys.readouterr().out == "后半\n（有 1 句略去）\n"
