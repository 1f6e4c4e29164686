"""The sheets on establishments and persons: identities, admissions with the séjours in columns, and the dossiers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from esms_sdk.sample.canonical import Row
from esms_sdk.sample.fates import Line, Made
from esms_sdk.sample.hestia.filling import Filling, agency, local, named
from esms_sdk.sample.hestia.sheets import AGENCES, SIEGE, Agence, Feuille, Value
from esms_sdk.sample.world import EXTRACTION, OID_TEST, Dossier, Etablissement, Sejour, Usager

SEXES = {"M": "M.", "F": "Mme"}
STATUTS = {"QUAL": "Identité qualifiée", "VALI": "Identité validée", "RECUP": "Récupérée INSi", "PROV": "À vérifier"}
PIECES = {"CN": "CNI", "PA": "Passeport", "CS": "Titre de séjour", "LE": "Livret", "": ""}
OBTENTIONS = {"INSi": "INSi", "CV": "Vitale", "": ""}
REGIMES = {"standard": "Droit commun", "pjm": "Mandataires judiciaires"}
IDENTITES = (
    "N° usager", "Fiche principale", "Civilité", "Nom de naissance", "Prénoms", "Nom d'usage", "Né(e) le", "Commune",
    "INS", "OID", "Statut", "Depuis le", "Homonyme", "Origine INS", "Interrogé le", "Pièce", "Décès le", "Test",
)  # fmt: skip
GROUPES = 3
ADMISSIONS = (
    "Établissement", "FINESS", "N° admission", "N° usager", "Situation", "N° dossier", "Ouvert le", "Archivé le",
    "Projet d'accueil",
    *(f"{name} {rank}" for rank in range(1, GROUPES + 1) for name in ("Entrée", "Sortie", "Motif", "Retour")),
)  # fmt: skip
_HOSPITAL = "Hospitalisation"
_Part = tuple[date, date | None, str, bool]


def head_office(f: Filling) -> None:
    """Write the head office's workbook: its version, and the establishments with a line of total."""
    version = f.feuille(SIEGE, "siege.xlsx", "Version", ("Rubrique", "Valeur"))
    version.add({"Rubrique": "Hestia", "Valeur": "12.3"})
    version.add({"Rubrique": "Édité le", "Valeur": EXTRACTION})
    columns = (
        "Agence", "FINESS", "Établissement", "Catégorie", "FINESS de l'organisme", "Organisme", "SIREN", "Ouvert le",
        "Fermé le", "Hestia depuis", "Fuseau", "Régime", "Suivi",
    )  # fmt: skip
    sheet = f.feuille(SIEGE, "siege.xlsx", "Établissements", columns)
    for e in f.world.etablissements:
        cells: dict[str, object] = {
            "Agence": AGENCES[e.agence].ville, "FINESS": int(e.finess_et), "Établissement": e.denomination,
            "Catégorie": int(e.categorie), "FINESS de l'organisme": int(f.world.finess_ej),
            "Organisme": f.world.raison_sociale, "SIREN": int(f.world.siren), "Ouvert le": e.date_ouverture,
            "Fermé le": e.date_fermeture, "Hestia depuis": e.date_deploiement, "Fuseau": e.fuseau,
            "Régime": REGIMES[e.profil_cibles], "Suivi": "X" if e.dans_perimetre else None,
        }  # fmt: skip
        made = Made("etablissement", f.rows["etablissement"][e.finess_et])
        line = sheet.add(cells, Made("organisme", dict(f.rows["organisme"][f.world.finess_ej])), made)
        line.defaut = "" if e.dans_perimetre else "clé du FINESS fausse, hors du périmètre"
        f.note(("etablissement", e.finess_et), sheet, line, made)
    total = sheet.add({"Agence": "Total", "Établissement": len(f.world.etablissements)}, Made("organisme", {}),
                      Made("etablissement", {}))  # fmt: skip
    total.ecartee, total.defaut = "ligne_de_total", "ligne de total"


def people(f: Filling) -> None:
    """Write the sheet of identities of each agency."""
    for usager in f.world.usagers:
        agence = agency(usager.usager_id)
        sheet = f.feuille(agence, "usagers.xlsx", "Identités", IDENTITES)
        row = {
            **f.rows["usager"][usager.usager_id], "usager_id": named(usager.usager_id),
            "usager_id_fusion": named(usager.fusion),
        }  # fmt: skip
        made = Made("usager", row)
        line = sheet.add(_identity(usager, agence), made)
        line.defaut = f.world.fautes.get(usager.usager_id, "")
        f.note(("usager", usager.usager_id), sheet, line, made)


def _identity(u: Usager, agence: Agence) -> dict[str, Value]:
    year, month, day = u.naissance.split("-")
    exact = agence.day(date.fromisoformat(u.naissance)) if day != "00" else f"{day}/{month}/{year}"
    return {
        "N° usager": agence.number(local(u.usager_id)), "Fiche principale": agence.number(local(u.fusion)),
        "Civilité": SEXES[u.sexe], "Nom de naissance": u.nom, "Prénoms": u.prenoms, "Nom d'usage": u.nom_utilise,
        "Né(e) le": exact, "Commune": agence.number(u.cog), "INS": agence.number(u.matricule),
        "OID": OID_TEST if u.matricule else None, "Statut": STATUTS[u.statut], "Depuis le": agence.day(u.statut_depuis),
        "Homonyme": "X" if u.attributs == "HOMA" else None, "Origine INS": OBTENTIONS[u.obtention],
        "Interrogé le": agence.day(u.insi_le), "Pièce": PIECES[u.validation], "Décès le": agence.day(u.deces),
    }  # fmt: skip


def admissions(f: Filling) -> None:
    """Write the admissions, a block an establishment: its name and FINESS merged over the block, a total below."""
    for e in f.world.etablissements:
        agence = AGENCES[e.agence]
        sheet = admissions_of(f, e)
        first = len(sheet.lignes)
        numbers = _by_person(f, e)
        for rank, (usager_id, (sejours, dossier)) in enumerate(numbers.items()):
            number = f"A{e.finess_et[5:8]}{rank + 1:03d}"
            _admission(f, sheet, e, number, usager_id, sejours, dossier)
        last = len(sheet.lignes) - 1
        sheet.fusions += [("Établissement", first, last), ("FINESS", first, last)]
        cells = {"Établissement": f"Total {e.denomination}", "N° usager": agence.number(str(len(numbers)))}
        total = sheet.add(cells, Made("dossier", {}))
        total.ecartee = "ligne_de_total"


def admissions_of(f: Filling, e: Etablissement) -> Feuille:
    """Return the sheet of admissions of an establishment: Valsonge has one for each."""
    agence = AGENCES[e.agence]
    name = f"Admissions {e.categorie}" if agence.deux_feuilles else "Admissions"
    return f.feuille(agence, "usagers.xlsx", name, ADMISSIONS)


def _by_person(f: Filling, e: Etablissement) -> dict[str, tuple[list[Sejour], Dossier | None]]:
    """Return what each person's record has in an establishment: of merged records, each has its own line."""
    found: dict[str, tuple[list[Sejour], Dossier | None]] = {}
    for sejour in f.world.sejours:
        if sejour.finess_et == e.finess_et:
            found.setdefault(sejour.usager_id, ([], None))[0].append(sejour)
    for dossier in f.world.dossiers:
        if dossier.finess_et == e.finess_et:
            found[dossier.usager_id] = (found.get(dossier.usager_id, ([], None))[0], dossier)
    return {usager: (sorted(sejours, key=lambda s: s.entree), d) for usager, (sejours, d) in found.items()}


def _admission(
    f: Filling, sheet: Feuille, e: Etablissement, number: str, usager_id: str, sejours: list[Sejour], d: Dossier | None
) -> None:
    agence = sheet.agence
    cells: dict[str, Value] = {
        "Établissement": e.denomination, "FINESS": int(e.finess_et), "N° admission": number if sejours else None,
        "N° usager": agence.number(local(usager_id)),
        "Situation": "Présent" if any(s.sortie is None for s in sejours) else "Sorti",
        "N° dossier": local(d.dossier_id) if d else None, "Ouvert le": agence.day(d.creation) if d else None,
        "Archivé le": agence.day(d.archivage) if d else None,
        "Projet d'accueil": "X" if sejours and sejours[0].projet_applicable else None,
    }  # fmt: skip
    line = sheet.add(cells)
    rank = 0
    for sejour in sejours:
        row = {
            **f.rows["sejour"][sejour.sejour_id], "sejour_id": f"{agence.dossier}-{number}.{rank + 1}",
            "usager_id": named(usager_id),
        }  # fmt: skip
        for entree, sortie, motif, retour in _parts(sejour):
            rank += 1
            cells |= {
                f"Entrée {rank}": agence.day(entree), f"Sortie {rank}": agence.day(sortie), f"Motif {rank}": motif,
                f"Retour {rank}": "X" if retour else None,
            }  # fmt: skip
            line.makes.append(Made("sejour", row))
        f.note(("sejour", sejour.sejour_id), sheet, line, line.makes[-1])
    assert rank <= GROUPES
    _dossier(f, sheet, line, d)


def _parts(sejour: Sejour) -> Iterator[_Part]:
    """A hospitalisation is stored as an exit, the return as an entry in the next columns."""
    entree = sejour.entree
    for leaves, back in sejour.interruptions:
        yield entree, leaves, _HOSPITAL, False
        if back is None:
            return
        entree = back
    yield entree, sejour.sortie, sejour.motif if sejour.sortie else "", bool(sejour.sortie) and not _final(sejour)


def _final(sejour: Sejour) -> bool:
    return sejour.definitive is not False


def _dossier(f: Filling, sheet: Feuille, line: Line, d: Dossier | None) -> None:
    if d is None:
        line.makes.append(Made("dossier", {}, ecartee="sans_dossier"))
        return
    row: Row = {
        **f.rows["dossier"][d.dossier_id], "dossier_id": named(d.dossier_id), "usager_id": named(d.usager_id),
    }  # fmt: skip
    made = Made("dossier", row)
    line.makes.append(made)
    f.note(("dossier", d.dossier_id), sheet, line, made)
