"""Small files of every format for the reader tests, made from the same invented content."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

TITLE = "青石镇节水改造试行办法"
PARAGRAPHS = (
    "第一条 本办法适用于青石镇范围内的洗涤和印染作坊。",
    "第二条 作坊每年用水量超过 1200 吨的，应当安装计量水表。",
)
ROWS = (
    ("序号", "措施名称", "节水量（吨/年）", "备注"),
    ("1", "清洗水回用", "350.5", ""),
    ("2", "雨水收集池", "", "含 A 型、B 型"),
)
WORDS = (TITLE, *PARAGRAPHS, *(cell for row in ROWS for cell in row if cell))


def txt(path: Path) -> None:
    """The rows stand between tabs."""
    lines = [TITLE, "", *PARAGRAPHS, "", *("\t".join(row) for row in ROWS)]
    path.write_bytes("\r\n".join(lines).encode())


def html(path: Path) -> None:
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in ROWS)
    body = f"<h1>{TITLE}</h1>" + "".join(f"<p>{p}</p>" for p in PARAGRAPHS) + f"<table>{cells}</table>"
    path.write_text(f"<html><head><title>x</title></head><body>{body}</body></html>", "utf-8")


def csv(path: Path, separator: str = ",") -> None:
    rows = [(TITLE,), *((p,) for p in PARAGRAPHS), *ROWS]
    path.write_text("\n".join(separator.join(row) for row in rows), "utf-8")


def xlsx(path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for row in [(TITLE,), *((p,) for p in PARAGRAPHS), *ROWS]:
        sheet.append([cell or None for cell in row])
    book.save(path)


def docx(path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_heading(TITLE, 1)
    for paragraph in PARAGRAPHS:
        document.add_paragraph(paragraph)
    table = document.add_table(len(ROWS), len(ROWS[0]))
    for row, texts in zip(table.rows, ROWS, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.save(path)


def pdf(path: Path) -> None:
    text = [(72, 760 - 24 * n, 14, line) for n, line in enumerate((TITLE, *PARAGRAPHS))]
    path.write_bytes(pdf_bytes([PdfPage(text, [(72, 640, ROWS)])]))


class PdfPage:
    """Texts as (x, y, size, line); ruled tables as (x, y of the top edge, rows)."""

    def __init__(
        self,
        text: Sequence[tuple[float, float, float, str]] = (),
        tables: Sequence[tuple[float, float, Sequence[Sequence[str]]]] = (),
    ) -> None:
        self.text, self.tables = text, tables

    def content(self) -> bytes:
        out = [_show(*entry) for entry in self.text]
        wide, high = 110, 20
        for x, y, rows in self.tables:
            right, bottom = x + wide * len(rows[0]), y - high * len(rows)
            out += [f"{x} {y - high * n} m {right} {y - high * n} l S" for n in range(len(rows) + 1)]
            out += [f"{x + wide * n} {y} m {x + wide * n} {bottom} l S" for n in range(len(rows[0]) + 1)]
            for down, row in enumerate(rows):
                out += [_show(x + 4 + wide * n, y - high * down - 14, 10, cell) for n, cell in enumerate(row) if cell]
        return "\n".join(out).encode()


def _show(x: float, y: float, size: float, line: str) -> str:
    return f"BT /F1 {size} Tf {x} {y} Td <{line.encode('utf-16-be').hex()}> Tj ET"


def pdf_bytes(pages: Sequence[PdfPage], trailer: str = "") -> bytes:
    """Return a PDF in Adobe's standard Song type, which needs no embedded font."""
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(len(pages)))
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /W [1 95 500 814 939 500]"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >>"
        b" /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Ascent 880 /Descent -120 /Flags 4"
        b" /FontBBox [0 -120 1000 880] /ItalicAngle 0 /CapHeight 880 /StemV 80 >> >>",
    ]
    for number, page in enumerate(pages):
        body = page.content()
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {6 + 2 * number} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n" % len(body) + body + b"\nendstream")
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    places = []
    for number, entry in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % number + entry + b"\nendobj\n")
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


WRITERS: dict[str, Callable[[Path], None]] = {
    ".txt": txt,
    ".md": txt,
    ".html": html,
    ".csv": csv,
    ".tsv": lambda path: csv(path, "\t"),
    ".xlsx": xlsx,
    ".docx": docx,
    ".pdf": pdf,
}
