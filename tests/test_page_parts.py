"""The parts of the page that need no browser: exact highlights, marks on figures, words, turns, reports, uploads."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build import build
from index.errors import InputError
from index.types import DocumentInfo, Locator, Span
from rag.access import LOCAL, Who
from rag.config import Settings
from rag.service import PolicyQA
from rag.types import Answer, Citation
from tests.stand_in_host import StandInHost
from ui_parts.cards import citation_card, neighbour
from ui_parts.changes import Changes
from ui_parts.chart import Point, trend_svg
from ui_parts.document import spans_of
from ui_parts.evals import latest_runs, points_of
from ui_parts.examples import examples
from ui_parts.highlight import surroundings, whole, within
from ui_parts.marks import Checks, checks_of, lines_of
from ui_parts.talk import Talk
from ui_parts.templating import HOME, preferred, words
from ui_parts.turns import Turn, record_of, turn_html, turn_of

pytest.importorskip("jinja2", reason="the extra `ui` is not installed")
ROOT = Path(__file__).resolve().parent.parent
SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda p: Span(p[0], p[0] + p[1])), max_size=5)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> PolicyQA:
    folder = tmp_path_factory.mktemp("parts") / "index"
    build([ROOT / "corpus"], folder, Settings().index)
    return PolicyQA.open(settings=Settings(index_dir=folder))


# -- highlights


@given(st.text(max_size=50), SPANS, st.lists(st.integers(0, 60), max_size=4))
def test_the_whole_text_keeps_every_character_and_marks_just_the_spans(
    raw: str, spans: list[Span], anchors: list[int]
) -> None:
    segments = whole(raw, spans, anchors)
    assert "".join(s.text for s in segments) == raw
    marked = [char for s in segments for char in [s.mark] * len(s.text)]
    assert marked == [any(s.start <= at < s.end for s in spans) for at in range(len(raw))]
    assert sum(s.anchor == "here" for s in segments) == (1 if any(marked) else 0)


@given(st.integers(0, 1200), SPANS.map(lambda spans: [Span(s.start * 17, s.end * 17) for s in spans]))
def test_the_marked_pieces_of_a_card_are_the_characters_of_the_spans(length: int, spans: list[Span]) -> None:
    raw = "".join(chr(0x4E00 + at) for at in range(length))
    segments = surroundings(raw, spans)
    assert [s.text for s in segments if s.mark] == [raw[s.start : s.end] for s in within(spans, len(raw))]
    pieces = "".join("\0" if s.gap else s.text for s in segments).split("\0")
    assert all(piece in raw for piece in pieces)


def test_every_citation_of_the_sample_is_highlighted_at_its_spans(sample: PolicyQA) -> None:
    answer = sample.answer("哪些技术适合焦化企业？")
    for citation in answer.citations:
        raw = sample.library.raw(citation.doc)
        card = citation_card(citation, sample.library, None)
        assert not card.gone
        assert [s.text for s in card.segments if s.mark] == [raw[s.start : s.end] for s in citation.spans]


def test_a_citation_whose_document_changed_or_is_hidden_shows_its_quote_alone(sample: PolicyQA) -> None:
    citation = sample.answer("哪些技术适合焦化企业？").citations[0]
    for other in (
        citation_card(replace(citation, quote="别的话"), sample.library, None),
        citation_card(citation, sample.library, frozenset()),
        citation_card(replace(citation, doc="没有.md"), sample.library, None),
    ):
        assert other.gone and len(other.segments) == 1


def test_walking_forth_and_back_visits_the_passages_in_reading_order(sample: PolicyQA) -> None:
    doc = next(e.file for e in sample.library.documents() if e.file.endswith(".md"))
    starts, end = [], 0
    while card := neighbour(sample.library, doc, 0, end, 1):
        starts.append(card.start)
        end = card.end
    assert len(starts) > 5 and starts == sorted(starts)
    last = neighbour(sample.library, doc, end, end, -1)
    assert last is not None and last.start >= starts[-1]
    assert neighbour(sample.library, doc, 0, 0, -1) is None


@pytest.mark.parametrize("at", ["x", "1", "1-2;3-4", "1-2,", "-1-2", "1-" + "9" * 20])
def test_a_place_that_is_no_place_is_refused(at: str) -> None:
    with pytest.raises(InputError):
        spans_of(at)


# -- figures

QUOTE = Citation(1, "k", "甲.md", "水泵每37天检修", (Span(0, 8),), Locator("甲.md"), DocumentInfo("甲"))


def _answer(text: str, verify: list | None = None, **values: object) -> Answer:
    trace = {} if verify is None else {"verify": verify}
    return Answer("问", "问", text, (QUOTE,), trace=trace, **values)


def _kinds(answer: Answer) -> list[tuple[str, str]]:
    lines = lines_of(answer.text, [c.n for c in answer.citations], checks_of(answer))
    return [(p.kind, p.text) for line in lines for p in line.pieces]


def test_figures_that_stand_are_checked_and_others_show_the_nearest_value() -> None:
    text = "水泵每37天检修[1]，风机每90天检修[1]。"
    failed = [{"sentence": text, "reason": "", "figures": [{"text": "90天", "found": False, "nearest": "37天"}]}]
    assert _kinds(_answer(text, failed)) == [
        ("text", "水泵每"), ("checked", "37天"), ("text", "检修"), ("cite", "[1]"), ("text", "，风机每"),
        ("wrong", "90天"), ("text", "检修"), ("cite", "[1]"), ("text", "。"),
    ]  # fmt: skip
    assert "原文：37天" in turn_html(Turn("r", "问", answer=_answer(text, failed)), "zh")


def test_what_was_not_checked_bears_no_mark() -> None:
    for answer in (_answer("每37天", None), _answer("每37天", [], refused=True)):
        assert _kinds(answer) == [("text", "每37天")]


def test_numbers_of_a_list_its_count_and_unknown_citations_are_no_figures() -> None:
    answer = _answer("共2项：\n1. 每37天检修[1]\n2. 甲[9]", [])
    assert _kinds(answer) == [
        ("text", "共2项："), ("text", "每"), ("checked", "37天"), ("text", "检修"), ("cite", "[1]"), ("text", "甲[9]")
    ]  # fmt: skip
    assert [line.lead for line in lines_of(answer.text, [1])] == ["", "1.", "2."]


@given(st.text(alphabet="每37天[1]2。\n项共 .％", max_size=40))
def test_no_character_of_an_answer_is_lost(text: str) -> None:
    lines = lines_of(text, [1], checks_of(_answer(text, [])))
    shown = "".join(line.lead + "".join(p.text for p in line.pieces) for line in lines)
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", text)


# -- turns


def test_a_turn_comes_back_from_the_browser_as_it_went(sample: PolicyQA) -> None:
    answer = sample.answer("哪些技术适合焦化企业？")
    turn = Turn("r1", answer.question, answer=answer, fingerprint="f", limits="湖南")
    kept = turn_of(json.loads(json.dumps(record_of(turn))))
    assert kept.answer is not None and kept.answer.citations == answer.citations
    assert turn_html(kept, "zh", ("feedback",)) == turn_html(turn, "zh", ("feedback",))


@pytest.mark.parametrize("record", [None, [], {}, {"v": 1}, {"v": 1, "answer": {}}, {"v": 2, "answer": {}}])
def test_a_record_that_no_page_wrote_is_refused(record: object) -> None:
    with pytest.raises(InputError):
        turn_of(record)


def test_everything_that_a_document_or_a_reader_wrote_is_escaped() -> None:
    bad = "<script>x</script>\"'><img onerror=1>"
    citation = replace(QUOTE, info=DocumentInfo(bad), doc=bad, quote=bad)
    answer = replace(_answer(bad + "[1]", []), question=bad, rewritten=bad + "1", citations=(citation,), note=bad)
    html = turn_html(Turn(bad, bad, answer=answer, limits=bad, error=bad), "zh", ("feedback",))
    assert "<script" not in html and "<img" not in html and "&lt;script&gt;" in html


def test_events_of_a_page_that_is_not_ours_are_ignored(sample: PolicyQA) -> None:
    talk = Talk(StandInHost(sample.settings))
    assert list(talk.ask({"run": "../x", "text": "问"}, LOCAL)) == []
    assert list(talk.ask("问", LOCAL)) == []
    states = [state["state"] for state in talk.ask({"run": "r", "text": "哪些技术适合焦化企业？"}, LOCAL)]
    assert states[0] == "searching" and states[-1] == "done"


def test_a_reader_of_some_documents_is_answered_from_these_only(sample: PolicyQA) -> None:
    who = Who("li", "reader", ("湖南*",))
    *_, last = Talk(StandInHost(sample.settings)).ask({"run": "r", "text": "哪些技术适合焦化企业？"}, who)
    assert all(c["doc"].startswith("湖南") for c in last["record"]["answer"]["citations"])


# -- words and examples


def test_every_word_has_both_languages_and_the_same_places() -> None:
    zh, en = words()["zh"], words()["en"]
    assert all(zh.values()) and all(en.values())
    for key in zh:
        assert sorted(re.findall(r"\{\w+\}", zh[key])) == sorted(re.findall(r"\{\w+\}", en[key]))


def test_every_word_that_a_template_or_a_script_uses_is_there() -> None:
    used = set()
    for path in HOME.rglob("*.html"):
        used |= set(re.findall(r"\bw\.(\w+)", path.read_text("utf-8"))) - {"get"}
    for path in HOME.rglob("*.js"):
        used |= set(re.findall(r'word\("(\w+)"', path.read_text("utf-8")))
    assert len(used) > 60 and used <= set(words()["zh"])


@pytest.mark.parametrize(
    ("accept", "language"),
    [("", "zh"), ("en-GB,en;q=0.9", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("fr,en;q=0.5,zh;q=0.4", "en"),
     ("fr-FR", "zh"), ("en;q=0,zh", "zh"), (";;q=x,,", "zh")],
)  # fmt: skip
def test_the_language_follows_the_browser_and_chinese_stands_first(accept: str, language: str) -> None:
    assert preferred(accept) == language


def test_examples_come_from_the_library_and_are_answered(sample: PolicyQA) -> None:
    found = examples(sample.library, None, lambda text: not sample.answer(text).refused)
    assert 4 <= len(found) == len(set(found))
    assert examples(sample.library, frozenset(), lambda text: True) == []
    assert examples(sample.library, None, lambda text: False) == []


# -- evaluation


def test_runs_are_read_from_reports_and_what_is_none_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    summary = {"accuracy": 0.5, "right": 1, "cases": 2}
    report = [{"suite": "甲", "at": "2031-01-02T03:04:05", "systems": [{"summary": summary, "cases": []}]}]
    (tmp_path / "report.json").write_text(json.dumps(report), "utf-8")
    (tmp_path / "old" / "report.json").write_text("{", "utf-8")
    lines = [{"at": "2031-01-01", "suite": "甲", **summary}, {"suite": "甲"}]
    (tmp_path / "runs.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n[]\nx\n", "utf-8")
    assert [(run.suite, run.at) for run in latest_runs(tmp_path)] == [("甲", "2031-01-02 03:04")]
    assert points_of(tmp_path) == {"甲": [Point("2031-01-01", 0.5, "1/2")]}
    assert latest_runs(tmp_path / "none") == [] and points_of(tmp_path / "none") == {}


@given(st.lists(st.floats(0, 1), max_size=6))
def test_a_chart_keeps_its_points_within_its_frame(shares: list[float]) -> None:
    svg = trend_svg([Point("<b>", share, "") for share in shares], "名<")
    places = [tuple(map(float, p)) for p in re.findall(r'cx="([\d.]+)" cy="([-\d.]+)"', svg)]
    assert len(places) == len(shares) and all(0 <= x <= 640 and 0 <= y <= 190 for x, y in places)
    assert "<b>" not in svg and "名<" not in svg


# -- uploads


def _said(changes: Changes, path: Path, name: str, who: Who = LOCAL) -> dict:
    *_, last = changes.add({"files": [{"name": name, "path": str(path)}]}, who)
    return last


def test_only_files_from_the_folder_of_uploads_under_plain_names_are_taken(tmp_path: Path) -> None:
    (tmp_path / "甲.md").write_text("# 甲\n\n甲乙。\n", "utf-8")
    build([tmp_path / "甲.md"], tmp_path / "index", Settings().index)
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    host = StandInHost(Settings(index_dir=tmp_path / "index"))
    changes = Changes(host, uploads, tmp_path / "index")
    mine = uploads / "x"
    for path, name in ((tmp_path / "甲.md", "乙.md"), (uploads / ".." / "甲.md", "乙.md"), (uploads / "none", "乙.md")):
        assert _said(changes, path, name)["state"] == "failed"
    for name in ("", "..", ".hidden", "a/..", "~$a.docx", "a\n.md", "长" * 80 + ".md"):
        mine.write_text("# 乙\n\n丙丁。\n", "utf-8")
        assert _said(changes, mine, name)["state"] == "failed", name
    assert _said(changes, mine, "乙.md", Who("li", "reader"))["state"] == "failed"
    done = _said(changes, mine, "../../乙.md")
    assert done["state"] == "done" and done["files"] == [{"name": "乙.md", "state": "added", "words": "已加入"}]
    assert {e.file for e in host.qa().library.documents()} == {"甲.md", "乙.md"}


def test_the_number_that_an_item_bears_in_its_source_is_no_figure() -> None:
    line = lines_of("1. 1、节水 35%[1]", [1], Checks())[0]
    assert line.lead == "1." and [p.text for p in line.pieces if p.kind == "checked"] == ["35%"]
