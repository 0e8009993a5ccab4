"""The templates: those shipped load and fill; a variable that does not fit is one clear error, never an empty place."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import InputError
from prompts import FOLDER, load

SHIPPED = sorted(path.stem for path in FOLDER.glob("*.md"))


def written(folder: Path, text: str, name: str = "one") -> Path:
    (folder / f"{name}.md").write_text(text, "utf-8")
    return folder


def test_all_templates_that_the_program_asks_for_are_shipped() -> None:
    assert set(SHIPPED) == {"answer", "compare", "judge", "list", "repair", "rewrite", "system"}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_template_fills_with_each_value_in_its_place(name: str) -> None:
    template = load(name)
    values = {variable: f"〈{variable} 的值〉" for variable in template.variables}
    filled = template.fill(**values)
    assert all(value in filled for value in values.values())
    assert "{{" not in filled and "variables:" not in filled
    assert filled == filled.strip()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_template_refuses_to_be_filled_with_a_variable_missing(name: str) -> None:
    template = load(name)
    lacking = dict.fromkeys(sorted(template.variables)[1:], "值")
    with pytest.raises(InputError, match=sorted(template.variables)[0]) as caught:
        template.fill(**lacking)
    assert name in caught.value.message and "\n" not in caught.value.line()


def test_a_variable_that_the_template_does_not_know_is_an_error(tmp_path: Path) -> None:
    template = load("one", written(tmp_path, "<!-- variables: question -->\n问：{{question}}"))
    with pytest.raises(InputError, match="quesiton"):
        template.fill(question="甲", quesiton="乙")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("<!-- variables: question -->\n问：{{quesiton}}", ("question", "quesiton")),
        ("<!-- variables: question, passages -->\n问：{{question}}", ("passages",)),
        ("<!-- variables: question -->\n问：{{question}}，{{passages}}", ("passages",)),
        ("<!-- variables: -->\n问：{{question}}", ("question",)),
        ("<!-- variables: question -->\n问：{{Question}}", ("question", "Question")),
        ("<!-- variables: question -->\n问：{{question}}{{}}", ("不符",)),
    ],
)
def test_names_and_places_that_do_not_agree_are_an_error_when_loaded(
    tmp_path: Path, text: str, named: tuple[str, ...]
) -> None:
    with pytest.raises(InputError) as caught:
        load("one", written(tmp_path, text))
    assert all(name in caught.value.message for name in ("one.md", *named))
    assert "\n" not in caught.value.line()


@pytest.mark.parametrize("text", ["问：{{question}}", "", "# 标题\n<!-- variables: question -->\n{{question}}"])
def test_a_first_line_without_variables_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="第一行"):
        load("one", written(tmp_path, text))


def test_a_template_that_is_missing_or_no_text_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.md"):
        load("none", tmp_path)
    (tmp_path / "odd.md").write_bytes(b"<!-- variables: a -->\n\xff\xfe{{a}}")
    with pytest.raises(InputError, match=r"odd\.md"):
        load("odd", tmp_path)


@pytest.mark.parametrize(
    "value", ["{{question}}", "{{passages}}", r"\1\g<0>\n", "{{ 机密 }}", "<!-- variables: x -->", ""]
)
def test_a_value_is_put_in_as_it_is(tmp_path: Path, value: str) -> None:
    text = "<!-- variables: question, passages -->\n资料：{{passages}}\n问：{{ question }}。"
    filled = load("one", written(tmp_path, text)).fill(question=value, passages="甲")
    assert filled == f"资料：甲\n问：{value}。"


def test_a_place_may_stand_more_than_once(tmp_path: Path) -> None:
    template = load("one", written(tmp_path, "<!-- variables: a -->\n{{a}}与{{ a }}"))
    assert template.fill(a="甲") == "甲与甲"


def test_a_template_with_crlf_or_a_byte_order_mark_loads(tmp_path: Path) -> None:
    (tmp_path / "crlf.md").write_bytes("<!-- variables: a -->\r\n问：{{a}}\r\n".encode())
    assert load("crlf", tmp_path).fill(a="甲") == "问：甲"
    (tmp_path / "bom.md").write_bytes("\ufeff<!-- variables: a -->\n问：{{a}}".encode())
    assert load("bom", tmp_path).fill(a="甲") == "问：甲"
