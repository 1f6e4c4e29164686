"""What ``--append`` may replace: the months of each log, the merged manifest, and what stands against it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from esms_sdk.errors import Fault, UsageError
from esms_sdk.lot import Lot
from esms_sdk.lot.manifest import FILE, Manifest
from esms_sdk.lot.schema import DATED_LOGS, load
from esms_sdk.period import Period

# The logs, of which whole months are replaced.  A séjour is none: its exit is known long after its entry.
LOGS = tuple(name for name in DATED_LOGS if name != "sejour")
_DAY = timedelta(days=1)
_WHOLE = "Refaire un import complet, sans --append."
# A flag holds for the whole lot only where it holds for the months that stay too.
_FLAG_OF = {"mise_a_jour": "journal_maj_complet", "statut_projet": "historique_statuts_complet"}


@dataclass(frozen=True, slots=True)
class Plan:
    """``starts``: per log with months that stay, the first day that the new extraction replaces, a first of a month.

    ``couverture`` has the days that each dated table covers afterwards, ``periode`` those of the lot.
    """

    periode: Period
    couverture: Mapping[str, Period]
    starts: Mapping[str, date] = field(default_factory=dict)


def plan(old: Lot, new: Manifest, given: Collection[str]) -> Plan:
    """Return what the extraction described by ``new`` replaces in a lot; ``given`` are the tables that it fills.

    Raises :class:`UsageError` with everything that stands against it.
    """
    before, after = old.manifest.periode_couverte, new.periode_couverte
    faults = _other_lot(old.manifest, new) or _periods("periode_couverte", before, after)
    if faults:
        raise _refused(faults)
    couverture: dict[str, Period] = {}
    starts: dict[str, date] = {}
    for name in DATED_LOGS:
        if name not in given:
            if name in LOGS and old.given(name):
                faults.append(Fault("AJOUT", f"le lot a la table «{name}», la nouvelle extraction ne la donne pas"))
            continue
        kept, added = old.coverage(name), new.couverture.get(name, new.periode_couverte)
        couverture[name] = _joined(kept, added) if old.given(name) else added
        if old.given(name):
            faults += _periods(f"couverture de «{name}»", kept, added)
            if name in LOGS and added.debut > kept.debut:
                starts[name] = added.debut
    if faults:
        raise _refused(faults)
    return Plan(_joined(before, after), couverture, starts)


def _other_lot(old: Manifest, new: Manifest) -> list[Fault]:
    """Return what tells that the two extractions do not follow each other."""
    faults = [
        Fault("AJOUT", f"«{key}» n'est pas celui du lot", FILE)
        for key in ("editeur", "logiciel", "mode")
        if getattr(old, key) != getattr(new, key)
    ]
    if new.date_extraction < old.date_extraction:
        message = (
            f"extraction du {new.date_extraction:%Y-%m-%d}, plus ancienne que le lot ({old.date_extraction:%Y-%m-%d})"
        )
        faults.append(Fault("AJOUT", message, FILE))
    return faults


def _periods(what: str, old: Period, new: Period) -> list[Fault]:
    """Return what keeps two periods from following each other, month by month."""
    if new.debut <= old.debut and new.fin >= old.fin:
        return []
    told = f"{what} : {new.debut} … {new.fin} après {old.debut} … {old.fin}"
    if new.fin < old.fin:
        return [Fault("AJOUT", f"{told}, la fin recule")]
    if new.debut > old.fin + _DAY:
        return [Fault("AJOUT", f"{told}, il manque des jours entre les deux")]
    if new.debut.day != 1:
        return [Fault("AJOUT", f"{told}, des mois entiers se remplacent : commencer un premier du mois")]
    return []


def _joined(old: Period, new: Period) -> Period:
    return Period(min(old.debut, new.debut), new.fin)


def _refused(faults: list[Fault]) -> UsageError:
    hint = f"Extraire depuis le premier jour d'un mois déjà couvert. {_WHOLE}"
    return UsageError("ESMS-E118", "--append : cette extraction ne peut compléter le lot", faults=faults, hint=hint)


def merged(old: Lot, raw: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """Return the manifest's keys of the completed lot, from those of the new extraction."""
    found = dict(raw)
    found["periode_couverte_debut"] = plan.periode.debut.isoformat()
    found["periode_couverte_fin"] = plan.periode.fin.isoformat()
    narrower = {name: period for name, period in plan.couverture.items() if period != plan.periode}
    found["couverture"] = {
        name: {"debut": period.debut.isoformat(), "fin": period.fin.isoformat()} for name, period in narrower.items()
    }
    if not narrower:
        del found["couverture"]
    missing = set(found["non_fourni"])
    for name in plan.starts:
        missing |= {f"{name}.{c}" for c in load().tables[name].columns if not old.given(name, c)}
        if flag := _FLAG_OF.get(name):
            found[flag] = found[flag] and getattr(old.manifest, flag)
    found["non_fourni"] = sorted(missing)
    return found
