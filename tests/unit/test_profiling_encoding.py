"""The encoding of a file is guessed from its first bytes."""

import codecs

import pytest

from market_regulation.sources.profiling.encoding import guess_encoding

TEXT = "报告编号,检验日期\r\nTD-2026-0001,2026-03-05\r\n"
HAN = "设备注册代码检验结论合格不合格使用单位名称检验机构所在地区"


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (b"", "utf-8"),
        (b"report_no,result\n1,ok\n", "utf-8"),
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("gb18030"), "gb18030"),
        (TEXT.encode("gbk"), "gb18030"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-32"), "utf-32"),
    ],
)
def test_the_encoding_is_found(head: bytes, encoding: str) -> None:
    """Each encoding in use among submitters, with and without a byte order mark."""
    assert guess_encoding(head) == encoding
    assert head.decode(encoding)[:6] in ("", "report", TEXT[:6])


@pytest.mark.parametrize("cut", [1, 2])
def test_a_last_character_that_is_cut_does_not_change_the_guess(cut: int) -> None:
    """The head of a file ends anywhere, in the middle of a Chinese character as well."""
    assert guess_encoding(HAN.encode()[:-cut]) == "utf-8"
    assert guess_encoding(HAN.encode("gb18030")[:-1]) == "gb18030"


def test_a_broken_byte_in_a_utf8_file_does_not_turn_all_of_it_into_wrong_characters() -> None:
    """GB 18030 would read nearly any bytes; the row with the defect is to be found, not hidden."""
    assert guess_encoding(HAN.encode() + b"\xff" + HAN.encode()) == "utf-8"


def test_a_file_half_of_which_is_no_utf8_is_gb18030() -> None:
    """Two encodings in one file: the one that loses no byte."""
    assert guess_encoding(HAN.encode("gb18030") + b"," + HAN.encode()) == "gb18030"


def test_stray_nul_bytes_do_not_make_a_file_utf16() -> None:
    """A NUL in a cell is a defect of that row, not another encoding of the file."""
    assert guess_encoding((TEXT * 20).encode() + b"a\0,b\0\n" + (TEXT * 20).encode()) == "utf-8"


def test_nul_bytes_on_both_sides_are_no_utf16() -> None:
    """Padding with NULs, as some machines end their files, is not text in UTF-16."""
    assert guess_encoding(TEXT.encode() + b"\0" * 512) == "utf-8"
