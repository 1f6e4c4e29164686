"""The invented world: one organisme gestionnaire, its establishments, some 600 persons, two calendar years.

Nothing here exists: département 00, test OID, names made of weather and birds.  What an object holds is the truth of
the world; a vendor's export of it (:mod:`esms_sdk.sample.soleo`) may lose or disfigure it, on purpose and on record.
Times are civil times of the establishment, dates are civil dates, both without zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

DEBUT, FIN = date(2024, 1, 1), date(2025, 12, 31)
"""The days that the logs of the world cover, both included."""
EXTRACTION = datetime(2026, 1, 2, 3, 0, 0)
OID_TEST = "1.2.250.1.213.1.4.10"


@dataclass(frozen=True, slots=True)
class Rythme:
    """How an establishment uses its software: chances in % a person and month, at its first and at its last month."""

    maj: tuple[int, int]
    projet: tuple[int, int]
    agenda: tuple[int, int]
    mss: tuple[int, int]
    dmp: tuple[int, int]
    sorties: int = 35
    temporaires: int = 0
    deces: int = 0
    hospitalisations: int = 0


@dataclass(frozen=True, slots=True)
class Etablissement:
    """An ESSMS; ``agence`` is the vendor's installation that holds its records, ``personnes`` its share of 600."""

    nom: str
    agence: str
    finess_et: str
    denomination: str
    categorie: str
    personnes: int
    presents: int
    rythme: Rythme
    profil_cibles: str = "standard"
    fuseau: str = "Europe/Paris"
    date_ouverture: date = date(1998, 9, 1)
    date_fermeture: date | None = None
    date_deploiement: date = date(2023, 6, 1)
    reprise: bool = False
    naissances: tuple[int, int] = (1930, 1950)
    dans_perimetre: bool = True
    serie: int = 0
    """Tells copies of one establishment apart, for the draws."""


@dataclass(slots=True)
class Usager:
    """A person's record as it is kept, right or wrong; ``fusion`` names the record it was merged into."""

    usager_id: str
    nom: str
    prenoms: str
    nom_utilise: str
    sexe: str
    naissance: str
    estimee: bool
    cog: str
    matricule: str
    statut: str
    statut_depuis: date
    insi_le: date | None
    obtention: str
    validation: str
    attributs: str = ""
    deces: date | None = None
    fusion: str = ""


@dataclass(slots=True)
class Sejour:
    """A period of accompaniment.  ``interruptions`` are hospitalisations (last day before, day of return or None)."""

    sejour_id: str
    usager_id: str
    finess_et: str
    entree: date
    sortie: date | None = None
    definitive: bool | None = None
    motif: str = ""
    projet_applicable: bool = True
    interruptions: list[tuple[date, date | None]] = field(default_factory=list)


@dataclass(slots=True)
class Dossier:
    dossier_id: str
    usager_id: str
    finess_et: str
    creation: date
    archivage: date | None = None


@dataclass(frozen=True, slots=True)
class Ecriture:
    """One line of the access log: ``origine`` is empty for what is no write (consultation, impression)."""

    dossier_id: str
    quand: datetime
    utilisateur: str
    origine: str
    rubrique: str
    action: str


@dataclass(frozen=True, slots=True)
class Projet:
    """A projet personnalisé and its dated statuses: (date, rang, statut)."""

    projet_id: str
    dossier_id: str
    type_projet: str
    debut: date
    fin: date | None
    statuts: tuple[tuple[date, int, str], ...]


@dataclass(frozen=True, slots=True)
class Evenement:
    """An event; ``remplace`` holds what earlier versions said: (début, fin, statut)."""

    evenement_id: str
    dossier_id: str
    debut: datetime
    fin: datetime | None
    statut: str
    nature: str
    remplace: tuple[tuple[datetime, datetime | None, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    document_id: str
    usager_id: str
    finess_et: str
    type_code: str
    creation: date
    validation: date | None
    confidentialite: str


@dataclass(frozen=True, slots=True)
class Message:
    """One MSSanté message: none, one or two documents, perhaps no person."""

    message_id: str
    canal: str
    finess_et: str
    usager_id: str
    quand: datetime
    resultat: str
    ins_qualifiee: bool
    rpps: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flux:
    """One operation on the DMP."""

    flux_id: str
    finess_et: str
    usager_id: str
    document_id: str
    quand: datetime
    operation: str
    resultat: str
    code_retour: str
    ins_qualifiee: bool
    rpps: str


@dataclass(frozen=True, slots=True)
class AppelInsi:
    appel_id: str
    finess_et: str
    usager_id: str
    quand: datetime
    operation: str
    resultat: str


@dataclass(frozen=True, slots=True)
class Reception:
    reception_id: str
    finess_et: str
    canal: str
    quand: datetime
    type_code: str
    usager_id: str
    integre: bool


@dataclass(frozen=True, slots=True)
class Opposition:
    usager_id: str
    canal: str
    debut: date
    fin: date | None


@dataclass(frozen=True, slots=True)
class Echange:
    echange_id: str
    finess_et: str
    usager_id: str
    quand: datetime
    type_echange: str
    sens: str
    statut: str


@dataclass(slots=True)
class World:
    """Everything that is true, each list in the order of its making."""

    finess_ej: str
    raison_sociale: str
    siren: str
    etablissements: list[Etablissement]
    usagers: list[Usager] = field(default_factory=list)
    sejours: list[Sejour] = field(default_factory=list)
    dossiers: list[Dossier] = field(default_factory=list)
    journal: list[Ecriture] = field(default_factory=list)
    projets: list[Projet] = field(default_factory=list)
    evenements: list[Evenement] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    flux: list[Flux] = field(default_factory=list)
    appels: list[AppelInsi] = field(default_factory=list)
    receptions: list[Reception] = field(default_factory=list)
    oppositions: list[Opposition] = field(default_factory=list)
    echanges: list[Echange] = field(default_factory=list)
    defauts: bool = True
    """Whether the exports of this world bear planted defects."""
    fautes: dict[str, str] = field(default_factory=dict)
    """Identity faults that reject nothing: the record's id, and what is wrong with it."""
    compteurs: dict[str, int] = field(default_factory=dict)

    def number(self, agence: str, lettre: str, width: int = 4) -> str:
        """Return the next id of a kind; ids are counted by agency, so the same local id in two agencies is two things.

        >>> world = World("", "", "", [])
        >>> world.number("AG01", "S"), world.number("AG01", "S"), world.number("AG02", "S")
        ('AG01-S0001', 'AG01-S0002', 'AG02-S0001')
        """
        prefix = f"{agence}-{lettre}"
        self.compteurs[prefix] = self.compteurs.get(prefix, 0) + 1
        return f"{prefix}{self.compteurs[prefix]:0{width}d}"

    def roots(self) -> dict[str, str]:
        """Return, for every record, the record at the end of its chain of merges (itself where there is none)."""
        fusions = {usager.usager_id: usager.fusion for usager in self.usagers}
        found = {}
        for usager_id in fusions:
            last = usager_id
            while fusions[last]:
                last = fusions[last]
            found[usager_id] = last
        return found
