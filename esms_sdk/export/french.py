"""How numbers, dates and signs are written for a French reader."""

from __future__ import annotations

import re
from datetime import date, datetime

from esms_sdk.period import Period

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_SHORT_MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip
_NO_BREAK = "\N{NO-BREAK SPACE}"
_THIN = "\N{NARROW NO-BREAK SPACE}"
_BEFORE_SIGN = re.compile(r" ([:»])|(?<=«) |(?<=\d) (?=%|\d{3}\b)| ([;!?])")


def typo(text: str) -> str:
    """Return a sentence with the spaces that French does not break.

    >>> typo("« oui » : 12 % ; non ?").encode("ascii", "backslashreplace").decode()
    '\\\\xab\\\\xa0oui\\\\xa0\\\\xbb\\\\xa0: 12\\\\xa0%\\\\u202f; non\\\\u202f?'
    """

    def unbroken(match: re.Match[str]) -> str:
        if match[2]:
            return _THIN + match[2]
        return _NO_BREAK + (match[1] or "")

    return _BEFORE_SIGN.sub(unbroken, text)


def nombre(value: int | None) -> str:
    """Return a count, thousands apart; a dash when there is none.

    >>> nombre(1234567).replace("\\u202f", "_"), nombre(None)
    ('1_234_567', '–')
    """
    return "–" if value is None else f"{value:,}".replace(",", _THIN)


def pourcent(taux: float | None) -> str:
    """Return a rate in %, one decimal and a comma; a dash when there is none.

    >>> pourcent(93.8).replace("\\xa0", "_"), pourcent(1200.0).replace("\\xa0", "_").replace("\\u202f", "_")
    ('93,8_%', '1_200,0_%')
    """
    return "–" if taux is None else f"{taux:,.1f}".replace(",", _THIN).replace(".", ",") + _NO_BREAK + "%"


def jour(day: date) -> str:
    """Return a day in figures.

    >>> jour(date(2025, 9, 3))
    '03/09/2025'
    """
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def jour_en_lettres(day: date, *, annee: bool = True) -> str:
    """Return a day in words.

    >>> jour_en_lettres(date(2025, 8, 1)), jour_en_lettres(date(2025, 8, 12), annee=False)
    ('1er août 2025', '12 août')
    """
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {_MONTHS[day.month - 1]}" + (f" {day.year}" if annee else "")


def mois_en_lettres(day: date) -> str:
    """Return a month in words.

    >>> mois_en_lettres(date(2025, 8, 1))
    'août 2025'
    """
    return f"{_MONTHS[day.month - 1]} {day.year}"


def mois_court(day: date) -> str:
    """Return a month as the axis of a drawing names it.

    >>> mois_court(date(2025, 9, 1)), mois_court(date(2025, 3, 1))
    ('sept. 2025', 'mars 2025')
    """
    return f"{_SHORT_MONTHS[day.month - 1]} {day.year}"


def periode_en_lettres(period: Period) -> str:
    """Return the two bounds, which are both included, in words.

    >>> periode_en_lettres(Period(date(2025, 9, 1), date(2025, 9, 30)))
    'du 1er au 30 septembre 2025'
    >>> periode_en_lettres(Period(date(2025, 6, 30), date(2025, 9, 29)))
    'du 30 juin au 29 septembre 2025'
    >>> periode_en_lettres(Period(date(2023, 11, 29), date(2024, 2, 28)))
    'du 29 novembre 2023 au 28 février 2024'
    """
    debut, fin = period.debut, period.fin
    if debut.year != fin.year:
        start = jour_en_lettres(debut)
    elif debut.month != fin.month:
        start = jour_en_lettres(debut, annee=False)
    else:
        start = "1er" if debut.day == 1 else str(debut.day)
    return f"du {start} au {jour_en_lettres(fin)}"


def instant(value: str) -> str:
    """Return an ISO date and time in figures; a text that is none is returned as it is.

    >>> instant("2025-10-02T03:00:00"), instant("inconnue")
    ('02/10/2025 à 03:00', 'inconnue')
    """
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return f"{jour(moment)} à {moment.hour:02}:{moment.minute:02}"


def compte(number: int, one: str, many: str) -> str:
    """Return a number and its noun; in French 0 and 1 are singular.

    >>> compte(0, "personne", "personnes"), compte(2, "personne", "personnes")
    ('0 personne', '2 personnes')
    """
    return f"{nombre(number)} {one if number < 2 else many}"
