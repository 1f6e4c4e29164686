"""A pack of our own writing, laid out as that of the ANS, with its traps: names that differ by case and by dash, an
engine in style sheets, asserts without a role, a schematron that looks at nothing where the typeId is missing.
"""

from __future__ import annotations

from pathlib import Path

_SCHEMA = (
    '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"><ns uri="urn:hl7-org:v3" prefix="h"/>'
)
_IDENTITY = """\
<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="@*|node()"><xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy></xsl:template>
</xsl:stylesheet>"""
_COMPILER = """\
<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:out="urn:out"
    xmlns:s="http://purl.oclc.org/dsdl/schematron" xmlns:svrl="http://purl.oclc.org/dsdl/svrl">
  <xsl:namespace-alias stylesheet-prefix="out" result-prefix="xsl"/>
  <xsl:template match="/s:schema">
    <out:stylesheet version="2.0">
      <xsl:for-each select="s:ns"><xsl:namespace name="{@prefix}" select="string(@uri)"/></xsl:for-each>
      <xsl:apply-templates select="s:pattern/s:let"/>
      <out:template match="/">
        <svrl:schematron-output>
          <xsl:for-each select="s:pattern"><out:apply-templates select="/" mode="P{position()}"/></xsl:for-each>
        </svrl:schematron-output>
      </out:template>
      <xsl:for-each select="s:pattern">
        <xsl:variable name="mode" select="concat('P', position())"/>
        <xsl:for-each select="s:rule">
          <out:template match="{@context}" mode="{$mode}" priority="{1000 - position()}">
            <svrl:fired-rule context="{@context}"/>
            <xsl:apply-templates/>
            <out:apply-templates select="*" mode="{$mode}"/>
          </out:template>
        </xsl:for-each>
        <out:template match="/|*" mode="{$mode}" priority="0"><out:apply-templates select="*" mode="{$mode}"/></out:template>
        <out:template match="text()" mode="{$mode}"/>
      </xsl:for-each>
    </out:stylesheet>
  </xsl:template>
  <xsl:template match="s:let"><out:variable name="{@name}" select="{@value}"/></xsl:template>
  <xsl:template match="s:assert">
    <out:if test="not({@test})"><svrl:failed-assert><xsl:call-template name="said"/></svrl:failed-assert></out:if>
  </xsl:template>
  <xsl:template match="s:report">
    <out:if test="{@test}"><svrl:successful-report><xsl:call-template name="said"/></svrl:successful-report></out:if>
  </xsl:template>
  <xsl:template name="said">
    <xsl:copy-of select="@role"/>
    <out:attribute name="location" select="string-join(for $e in ancestor-or-self::* return
      concat('/*:', local-name($e), '[namespace-uri()=''', namespace-uri($e), '''][', count($e/preceding-sibling::*[name() = name($e)]) + 1, ']'), '')"/>
    <svrl:text><xsl:apply-templates/></svrl:text>
  </xsl:template>
  <xsl:template match="s:value-of"><out:value-of select="{@select}"/></xsl:template>
</xsl:stylesheet>"""
_TYPE_ID = "h:typeId[@root = '2.16.840.1.113883.1.3'][@extension = 'POCD_HD000040']"
_XSD = """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:hl7-org:v3" xmlns="urn:hl7-org:v3" elementFormDefault="qualified">
  <xs:element name="ClinicalDocument"><xs:complexType><xs:sequence>
    <xs:element name="typeId" minOccurs="0"/>
    <xs:element name="templateId" maxOccurs="unbounded"/>
    <xs:element name="title"/>
    <xs:element name="effectiveTime"/>
    <xs:any minOccurs="0" maxOccurs="unbounded" processContents="skip" namespace="##targetNamespace"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""

FILES = {
    "infrastructure/cda/CDA_extended.xsd": _XSD,
    "jeuxDeValeurs/JDV_J07_XdsTypeCode_CISIS.xml": (
        '<RetrieveValueSetResponse xmlns="urn:ihe:iti:svs:2008"><ValueSet id="1.2.3" dateMaj="20260101000000"/>'
        "</RetrieveValueSetResponse>"
    ),
    "jeuxDeValeurs/JDV_Acte_CISIS.xml": "<acte code='34117-2'/>",
    "schematrons/moteur/iso_abstract_expand.xsl": _IDENTITY,
    "schematrons/moteur/iso_svrl_for_xslt2.xsl": _COMPILER,
    "schematrons/profils/structurationMinimale/ASIP-STRUCT-MIN-StrucMin.sch": (
        f"{_SCHEMA}<pattern><rule context='/'><assert role='warning' test='h:ClinicalDocument[{_TYPE_ID.replace(chr(39), '&quot;')}]'>"
        "Instance is expected</assert></rule></pattern><include href='include\\entete.sch'/></schema>"
    ),
    "schematrons/profils/structurationMinimale/include/Entete.SCH": f"""\
<pattern xmlns="http://purl.oclc.org/dsdl/schematron">
  <rule context="h:ClinicalDocument[{_TYPE_ID}]">
    <assert role="error" test="h:title">(SMDS_Document) : element h:title is required [min 1x]</assert>
    <report role="warning" test="h:inconnu">(SMDS_Document) : 'inconnu' is not defined</report>
  </rule>
  <rule context="h:confidentialityCode">
    <assert role="error" test="@code = doc('include/voc-Confidentialite_DYNAMIC.XML')//concept/@code">(SMDS_Confidentialite) : <value-of select="@code"/> of <value-of select="//h:patient"/></assert>
  </rule>
</pattern>""",
    "schematrons/profils/structurationMinimale/include/voc-confidentialite-DYNAMIC.xml": "<v><concept code='N'/></v>",
    "schematrons/CI-SIS_DLU-EHPAD-DLU_2021.01.sch": f"{_SCHEMA}<include href='nowhere.sch'/></schema>",
    "schematrons/CI-SIS_DLU-EHPAD-DLU_2022.01.sch": f"""{_SCHEMA}
  <pattern>
    <let name="acte" value="'../jeuxdevaleurs/JDV_Acte-CISIS.xml'"/>
    <let name="jamais_lu" value="'../jeuxDeValeurs/JDV_Absent_CISIS.xml'"/>
    <rule context="h:ClinicalDocument">
      <assert test="h:documentationOf/h:code/@code = document($acte)//@code">[DLU] acte fixé</assert>
      <assert role="warning" test="h:participant">[DLU] médecin traitant</assert>
    </rule>
  </pattern></schema>""",
    "schematrons/profils/IHE.sch": (
        f"{_SCHEMA}<pattern><rule context='h:section'><assert test='h:title'>[section] titre</assert>"
        "<assert role='warning' test='h:text'>[section] texte</assert></rule></pattern></schema>"
    ),
    "schematrons/profils/CI-SIS_Modeles_ANS.sch": f"{_SCHEMA}<pattern/></schema>",
    "schematrons/profils/CI-SIS_ModelesDeContenusCDA.sch": f"{_SCHEMA}<pattern/></schema>",
}

DOCUMENT = """\
<ClinicalDocument xmlns="urn:hl7-org:v3"><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>\
<templateId root="1.2.250.1.213.1.1.1.22"/><title>Document</title><effectiveTime value="20260105100000+0100"/>\
<confidentialityCode code="N"/><patient>CANARI</patient><participant/><documentationOf><code code="34117-2"/></documentationOf>\
<component><structuredBody><component><section><title>A</title><text>b</text></section></component></structuredBody></component>\
</ClinicalDocument>"""

# What each one-defect twin of the requirements' cases changes in the document.
DEFAUTS = {
    "ordre": ("<title>Document</title>", "", "<confidentialityCode", "<title>Document</title><confidentialityCode"),
    "sans_titre": ("<title>Document</title>", ""),
    "confidentialite": ('<confidentialityCode code="N"/>', '<confidentialityCode code="Z"/>'),
    "element_inconnu": ("<participant/>", "<participant/><inconnu/>"),
    "sans_type_id": ('<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>', ""),
    "acte": ('<code code="34117-2"/>', '<code code="28651-8"/>'),
    "sans_medecin": ("<participant/>", ""),
    "niveau_1": ("structuredBody", "nonXMLBody"),
    "sans_modele": ("1.2.250.1.213.1.1.1.22", "1.2.250.1.213.1.1.1.999"),
    "section_sans_titre": ("<section><title>A</title>", "<section>"),
    "section_sans_texte": ("<text>b</text>", ""),
}


def document(defaut: str = "") -> bytes:
    """Return the document, with one defect where it is named."""
    text = DOCUMENT
    changes = DEFAUTS.get(defaut, ())
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    return text.encode("utf-8")


def write_pack(folder: Path, sans: str = "") -> Path:
    """Write the pack, without one of its files where it is named."""
    assert not sans or sans in FILES, sans
    for name, text in FILES.items():
        if name != sans:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
    return folder
