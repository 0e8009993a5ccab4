"""The known-fact suite of the sample collection stays true: each quote stands once in its file, each type is there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from eval.cases import Case, CaseType, comparable, load_suite
from eval.metrics import locate
from index.config import Limits
from index.load import load

SUITE = Path(__file__).resolve().parent.parent / "eval" / "suites" / "sample.jsonl"


@pytest.fixture(scope="module")
def cases() -> tuple[Case, ...]:
    return load_suite(SUITE)


@pytest.fixture(scope="module")
def raws(sample_corpus: Path) -> dict[str, str]:
    return {path.name: load(path, name=path.name, limits=Limits()).raw for path in sample_corpus.iterdir()}


def test_each_evidence_stands_exactly_once_in_its_document(cases: tuple[Case, ...], raws: dict[str, str]) -> None:
    counts = {(c.id, e.quote): len(locate(raws[e.doc], e.quote)) for c in cases for e in c.evidence}
    assert {key: n for key, n in counts.items() if n != 1} == {}


def test_every_type_is_asked_and_refusals_are_enough(cases: tuple[Case, ...]) -> None:
    counts = Counter(case.type for case in cases)
    assert len(cases) >= 80
    assert counts["unanswerable"] >= 10
    assert all(counts[kind] >= 6 for kind in get_args(CaseType))


def test_no_forbidden_value_stands_in_the_evidence_of_its_case(cases: tuple[Case, ...]) -> None:
    clashes = [
        (case.id, bad)
        for case in cases
        for bad in case.forbidden
        if any(comparable(bad) in comparable(evidence.quote) for evidence in case.evidence)
    ]
    assert clashes == []


def test_every_fact_is_printed_in_the_evidence_unless_it_is_a_number_to_be_counted(cases: tuple[Case, ...]) -> None:
    for case in cases:
        printed = "|".join(comparable(evidence.quote) for evidence in case.evidence)
        absent = [fact for fact in case.facts if not any(comparable(alt) in printed for alt in fact)]
        assert not absent or (case.type == "count" and len(absent) == 1), case.id
