"""XLS (Excel 97 to 2003) through calamine, which holds the whole sheet in memory.

That ends at 65,536 rows: less than 100 MB for a few columns. What needs more than the process may have is refused.
"""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from market_regulation.parsers.process import GivenUpError
from market_regulation.parsers.sheets import Sheet


class XlsWorkbook:
    """A workbook in memory."""

    def __init__(self, file: BinaryIO) -> None:
        """Open it.

        Raises:
            GivenUpError: It is damaged or protected by a password.
        """
        try:
            self._book = CalamineWorkbook.from_filelike(file)
        except PasswordError as error:
            raise GivenUpError("it is protected by a password; deliver it without") from error
        except CalamineError as error:
            raise GivenUpError(
                f"it is no readable XLS workbook ({error}); one with a password is not opened"
            ) from error
        self.sheets = [
            Sheet(sheet.name, sheet.visible == SheetVisibleEnum.Visible)
            for sheet in self._book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
        ]

    def rows(self, name: str) -> Iterator[Sequence[object]]:
        """Yield the rows of a sheet from row 1 on."""
        yield from self._book.get_sheet_by_name(name).to_python(skip_empty_area=False)
