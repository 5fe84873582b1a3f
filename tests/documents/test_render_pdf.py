"""What stands in the PDF, read back by another program."""

import ctypes
from datetime import date
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest

from documents.fonts import undrawable
from documents.render_pdf import render_pdf
from documents.report import Paragraph, Report, Section
from kernel.errors import Refused
from tests.documents.reports import a_report


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    return "".join(text.split())


def test_everything_of_the_report_is_printed() -> None:
    text = text_of(render_pdf(a_report()))

    for part in (
        "漳州市民政局文件",
        "漳民〔2026〕1号",
        "各县（区）民政局：",
        "一、在册情况",
        "（一）困难群众",
        "19,900.00",
        "640.69",
        "1.72%",
        "2026-11-22",
        "合计",
        "注：金额截至月底。",
        "慈善组织",
        "24,900.00",
        "2026年11月22日",
        "—1—",
    ):
        assert part in text, part


def test_text_is_never_read_as_markup() -> None:
    assert "#evil*bold*$x$" in text_of(render_pdf(a_report()))


def test_rare_characters_are_drawn_and_unknown_ones_named() -> None:
    assert undrawable("漳州市民政局䶮㛃𬭎喆堃 𠮷") == {"𠮷"}
    text = text_of(render_pdf(a_report()))
    assert "䶮㛃𬭎" in text
    assert "〔U+20BB7〕野" in text


def test_only_the_two_chinese_fonts_are_used_and_embedded() -> None:
    pdf = render_pdf(a_report())
    document = pypdfium2.PdfDocument(pdf)
    raw = pypdfium2.raw
    embedded = {}
    for page in document:
        for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
            font = raw.FPDFTextObj_GetFont(thing.raw)
            name = ctypes.create_string_buffer(100)
            raw.FPDFFont_GetBaseFontName(font, name, 100)
            embedded[name.value.decode()] = raw.FPDFFont_GetIsEmbedded(font)

    assert {name.split("+")[-1].split("-")[0] for name in embedded} == {
        "NotoSerifSC",
        "NotoSansSC",
    }
    assert set(embedded.values()) == {1}


def test_the_date_inside_is_that_of_the_report() -> None:
    document = pypdfium2.PdfDocument(render_pdf(a_report()))

    assert document.get_metadata_value("CreationDate").startswith("D:20261122")
    assert document.get_metadata_value("Title") == "社会救助与慈善帮扶衔接联席会议材料"


def test_missing_fonts_are_named_with_the_command_that_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FONT_DIRS", str(tmp_path))

    with pytest.raises(Refused) as no:
        render_pdf(Report("题", date(2026, 1, 1), (Section("甲", (Paragraph("乙"),)),)))

    assert no.value.code == "fonts_missing"
    assert "make run" in no.value.message
    assert str(tmp_path) in no.value.message


def test_an_empty_report_is_still_a_document() -> None:
    assert text_of(render_pdf(Report("空白", date(2026, 1, 1), ()))).startswith("空白")
