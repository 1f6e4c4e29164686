"""A workbook, judged before it is opened: what kind of file it is, what it weighs, where its calendar starts.

The engine that reads it gives an error cell (``#N/A``) as an empty one, and an empty end of a séjour is a séjour that
goes on.  So the cells are looked through first, and where there is an error the engine is given a copy that holds the
error as a text.  The look is also what tells that an archive does not swell out of measure.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk import archive as zips
from esms_sdk.adapter.sources import excel_errors
from esms_sdk.errors import SourceError

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

# A sheet of a million equal rows swells a hundredfold; a bomb, a thousandfold.
_LIMITS = zips.Limits(ratio=400)
# The engine holds the whole rectangle from the first to the last filled cell, empty cells included.
MOST_CELLS = 100_000_000
_CHUNK, _OVERLAP = 1 << 20, 128
_ZIP, _CFB = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# An xlsx that is protected is a package in a compound file; an xls has the record FILEPASS after its BOF.
_PROTECTED = re.compile(
    re.escape("EncryptedPackage".encode("utf-16-le"))
    + rb"|\x09\x08\x10\x00\x00\x06\x05\x00.{12}(?:\x86\x00\x00\x00)?\x2f\x00",
    re.S,
)
# What the engine reads of an archive.  The rest (images, printer settings) is not unpacked.
_READ = re.compile(r"(^|/)(xl/(worksheets/[^/]+|workbook|sharedstrings|styles)\.(xml|bin)|content\.xml)$", re.I)
_1904_XLSX = re.compile(rb"""date1904\s*=\s*["'](?:1|true)["']""")
_1904_ODS = re.compile(rb"""null-date[^>]*date-value\s*=\s*["']1904-""")
# The record DATEMODE (0x22) of the workbook's globals, which start with a BOF record of type 5.
_1904_XLS = re.compile(rb"\x09\x08..\x00\x06\x05\x00.{0,65536}?\x22\x00\x02\x00([\x00\x01])\x00", re.S)
_DIMENSION = re.compile(rb"""<(?:\w+:)?dimension\s+ref\s*=\s*["']([A-Z]+)(\d+):([A-Z]+)(\d+)["']""")


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook that may be opened: ``name`` is how reports name it, ``path`` what the engine reads of it.

    ``from_1904`` says that serial numbers of days count from 1 January 1904 instead of 1900; ``merges`` that the engine
    can tell its merged cells; ``faulty`` that it holds errors, which are read as texts.
    """

    name: str
    path: Path
    kind: str
    from_1904: bool
    faulty: bool = False

    @property
    def merges(self) -> bool:
        return self.kind in ("xlsx", "xls")

    def open(self) -> CalamineWorkbook:
        """Open it with the engine; raises :class:`SourceError` where the engine is absent, or cannot read it."""
        try:
            from python_calamine import CalamineWorkbook, PasswordError
        except ImportError:
            message = f"{self.name} : lire un classeur demande python-calamine, qui n'est pas installé"
            raise SourceError("ESMS-E350", message, hint='pip install "esms-sdk[excel]"') from None
        try:
            with self.path.open("rb") as stream:
                return CalamineWorkbook.from_filelike(stream)
        except PasswordError:
            raise _protected(self.name) from None
        except BaseException as error:
            raise _refused(error, self.name) from None

    def sheet(self, opened: CalamineWorkbook, name: str) -> CalamineSheet:
        """Return a sheet of the opened workbook, read whole."""
        try:
            return opened.get_sheet_by_name(name)
        except BaseException as error:
            raise _refused(error, f"{self.name}#{name}") from None


def _refused(error: BaseException, name: str) -> BaseException:
    """Return what to raise: the engine's own failures, panics included, are about the file."""
    if isinstance(error, Exception) or type(error).__name__ == "PanicException":
        return SourceError(
            "ESMS-E301",
            f"classeur illisible : {name} ({type(error).__name__})",
            hint="L'ouvrir et l'enregistrer de nouveau en .xlsx.",
        )
    return error


def _protected(name: str) -> SourceError:
    return SourceError(
        "ESMS-E351",
        f"{name} est protégé par un mot de passe",
        hint="L'enregistrer sans mot de passe d'ouverture avant l'import.",
    )


def judge(path: Path, name: str, work: Path, *, keep_errors: bool) -> Workbook:
    """Return the workbook at ``path``, which reports call ``name``.

    Error cells will be read as texts.  Those of an xls workbook cannot: with ``keep_errors`` it is refused.  Raises
    :class:`SourceError` where it is no workbook, is protected, truncated or a bomb.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(512)
    except OSError as error:
        raise SourceError("ESMS-E301", f"classeur illisible : {name} ({type(error).__name__})") from None
    if head.startswith(_ZIP):
        with zips.archive(path, name, _LIMITS) as archive:
            return _in_archive(archive, path, name, work)
    if head.startswith(_CFB):
        return _in_compound_file(path, name, keep_errors=keep_errors)
    raise _no_workbook(head, name)


def _no_workbook(head: bytes, name: str) -> SourceError:
    if not head:
        return SourceError(
            "ESMS-E301", f"classeur vide : {name} ne contient pas un octet", hint="Vérifier que le fichier est entier."
        )
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        what, remedy = "une page HTML ou un XML", "L'ouvrir et l'enregistrer en .xlsx."
    else:
        what, remedy = "du texte, ou un fichier abîmé", 'Si c\'est du CSV, déclarer la source format = "csv".'
    return SourceError("ESMS-E301", f"{name} n'est pas un classeur : c'est {what}", hint=remedy)


def _in_compound_file(path: Path, name: str, *, keep_errors: bool) -> Workbook:
    content = path.read_bytes()
    if _PROTECTED.search(content):
        raise _protected(name)
    if keep_errors and excel_errors.in_xls(content):
        message = f"{name} contient des cellules en erreur (#N/A, #REF!…), qu'un .xls donne comme vides"
        hint = "L'enregistrer en .xlsx, ou déclarer erreurs_vides = true si ces cellules valent vide."
        raise SourceError("ESMS-E355", message, hint=hint)
    started = _1904_XLS.search(content)
    return Workbook(name, path, "xls", bool(started and started[1] == b"\x01"))


def _in_archive(archive: zips.Archive, path: Path, name: str, work: Path) -> Workbook:
    members = {member.lower(): member for member in archive.names}
    first = {"xlsx": "xl/workbook.xml", "xlsb": "xl/workbook.bin", "ods": "content.xml"}
    kind = next((kind for kind, member in first.items() if member in members), None)
    if kind is None:
        hint = "Donner un .xlsx, .xls, .xlsb ou .ods."
        raise SourceError("ESMS-E301", f"{name} n'est pas un classeur : c'est une archive", hint=hint)
    manifest = members.get("meta-inf/manifest.xml")
    if kind == "ods" and manifest and b"encryption-data" in _start(archive, manifest):
        raise _protected(name)
    faulty = [member for low, member in members.items() if _READ.search(low) and _look(archive, member, kind, name)]
    start = _start(archive, members[first[kind]])
    if kind == "xlsb":
        from_1904 = excel_errors.xlsb_from_1904(start)
    else:
        from_1904 = bool((_1904_XLSX if kind == "xlsx" else _1904_ODS).search(start))
    if faulty:
        path = excel_errors.told(archive, faulty, kind, work)
    return Workbook(name, path, kind, from_1904, bool(faulty))


def _start(archive: zips.Archive, member: str) -> bytes:
    with archive.open(member) as stream:
        return stream.read(_CHUNK)


def _look(archive: zips.Archive, member: str, kind: str, name: str) -> bool:
    """Unpack a member to its end, which also proves its size and its checksum; say whether it holds an error cell."""
    cells = kind == "ods" or "/worksheets/" in member.lower()
    found = False
    with archive.open(member) as stream:
        if kind == "xlsb":
            return excel_errors.seen(stream.read(), kind) and cells
        end = b""
        while chunk := stream.read(_CHUNK):
            if not end and (used := _DIMENSION.search(chunk[:4096])):
                _measure(used, name)
            found = found or (cells and excel_errors.seen(end + chunk, kind))
            end = chunk[-_OVERLAP:]
    return found


def _measure(used: re.Match[bytes], name: str) -> None:
    left, top, right, bottom = used.groups()
    if (_rank(right) - _rank(left) + 1) * (int(bottom) - int(top) + 1) > MOST_CELLS:
        message = f"{name} : une feuille s'étend jusqu'à la cellule {right.decode()}{bottom.decode()}"
        hint = "Effacer ce qui s'y trouve loin du tableau, puis enregistrer."
        raise SourceError("ESMS-E352", message, hint=hint)


def _rank(letters: bytes) -> int:
    """Return the rank of a column.

    >>> _rank(b"A"), _rank(b"XFD")
    (1, 16384)
    """
    rank = 0
    for letter in letters:
        rank = rank * 26 + letter - 64
    return rank


def chosen(name: str, opened: CalamineWorkbook, wanted: object) -> list[str]:
    """Return the names of the sheets to read of a workbook, which reports call ``name``.

    A text is the name of a sheet, hidden or not, or a pattern over those that are seen; a number is the rank among
    those, from 1; without either there must be one alone.  No sheet found is an empty list.
    """
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    sheets = [one for one in opened.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    seen = [one.name for one in sheets if one.visible == SheetVisibleEnum.Visible]
    if isinstance(wanted, int):
        return seen[wanted - 1 : wanted]
    if isinstance(wanted, str):
        own = _folded(wanted)
        return [one.name for one in sheets if _folded(one.name) == own] or [
            one for one in seen if fnmatchcase(_folded(one), own)
        ]
    if len(seen) > 1:
        raise SourceError(
            "ESMS-E353",
            f"{name} a {len(seen)} feuilles ({', '.join(seen)})",
            hint='Dire laquelle dans la source : feuille = "…", un nom ou un motif.',
        )
    return seen


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip()).casefold()
