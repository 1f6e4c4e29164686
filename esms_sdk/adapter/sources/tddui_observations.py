"""What is seen of an export of TDDUI once its references are followed: each is kept as it is, and named."""

from __future__ import annotations

from esms_sdk import database
from esms_sdk.identifiers import finess, ins

_TRAITS = {
    "nom_naissance": "nom de naissance", "premier_prenom": "prénom", "sexe": "sexe",
    "date_naissance": "date de naissance",
}  # fmt: skip


def queries(file: str) -> list[str]:
    """Return the queries of the observations: ``_r``, ``code``, ``message``; ``file`` is SQL of an entry's file."""
    return [
        *_of_identities(),
        *_of_structures(),
        _of_references(),
        *_of_dates(file),
    ]


def _of_identities() -> list[str]:
    test = f"case when {ins.sql_is_test_oid('oid_ins')} then 'de test' else 'de production' end"
    absent = ", ".join(f"case when {c} is null then {database.text(label)} end" for c, label in _TRAITS.items())
    return [
        f"""select _r, 'INS_CLE_FAUSSE' as code, 'la clé du matricule INS est fausse, sous un OID ' || {test} as message
            from @identite where not {ins.sql_is_valid("matricule_ins")}""",
        f"""select _r, 'TRAIT_ABSENT' as code, 'trait d''identité absent : ' || absents as message
            from (select _r, concat_ws(', ', {absent}) as absents from @identite) where absents <> ''""",
        """select l._r, 'IDENTIFIANT_AVEC_NIR' as code,
            'l''identifiant contient un NIR, ou ce qui en a la forme : remplacé dans le lot' as message
            from @ligne l left join @personne p using (_r) where coalesce(p.local, l.numero) <> l.brut""",
    ]


def _of_structures() -> list[str]:
    return [
        f"""select _r, 'FINESS_CLE_FAUSSE' as code, 'la clé du numéro FINESS ' || finess || ' est fausse' as message
            from @essms where not {finess.sql_is_valid("finess")}""",
        """select _r, 'ESSMS_NON_DECRIT' as code, 'l''export ne décrit pas l''ESSMS de FINESS ' || finess as message
            from @essms where nom = 'FINESS ' || finess""",
        """select _r, 'EJ_ABSENT' as code, 'l''export ne dit pas quel organisme (FINESS juridique) gère le FINESS '
            || finess || ' (structures.csv peut le dire)' as message from @essms where ej is null""",
        """select _r, 'FINESS_DISCORDANT' as code, 'le FINESS de l''identifiant (' || finess_numero
            || ') n''est pas celui de l''ESSMS désigné (' || finess_essms || ')' as message
            from @ligne where genre = 'sejour' and finess_numero <> finess_essms""",
    ]


def _of_references() -> str:
    """A reference is told by its role and the type that it names: an id may hold what a person is known by.

    One that gives an identifier (``=``) needs no resource.
    """
    return """
        select distinct _r, 'REFERENCE_ABSENTE' as code, 'la ressource que désigne «' || role
            || '» n''est pas dans les fichiers : ' || case when regexp_matches(cle, '^[A-Za-z]+/')
            then split_part(cle, '/', 1) else 'par URN' end as message
        from (select _r, role, cle from @lien union all
              select _r, unnest(['subject', 'serviceProvider']), unnest([sujet, essms]) from @ligne
              where genre not in ('usager', 'organisation'))
        where cle is not null and not starts_with(cle, '=') and cle not in (select cle from @cle)
    """


def _of_dates(file: str) -> list[str]:
    return [
        """select d._r, 'MAJ_ABSENTE' as code,
            'aucune date de mise à jour pour ce dossier : il ne peut pas compter comme actif' as message from @dossier d
            anti join (select distinct unnest(string_split(coalesce(groupe, usager), chr(31))) || chr(64) || finess
                        as dossier
                       from @ligne where maj is not null and maj_retenue) using (dossier)""",
        f"""select min(l._r) as _r, 'DATE_D_EXPORT' as code, 'lastUpdated est la date de l''export sur ' || count(*)
            || ' entrée(s) : elle ne compte pas comme mise à jour' as message
            from @ligne l join @horodatage h on h.f = l.{file} and h.t = try_cast(l.maj as timestamptz)
            group by l.{file}""",
        f"""select _r, 'DATE_POSTERIEURE' as code, 'la date de mise à jour est après celle de l''export' as message
            from @ligne l join @export x on x.f = l.{file} where try_cast(l.maj as timestamptz) > x.t""",
    ]
