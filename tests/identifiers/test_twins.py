"""Each SQL twin judges as its Python function does, whatever the text."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esms_sdk import database
from esms_sdk.identifiers import finess, ins, nir, rpps

MODULES = [finess, nir, rpps]
several = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# What a number may be mistaken for: other digits, signs, exponents, other bases, spaces of all kinds.
ODD = "٣５²½ⅷ০abAB2eExX_+-.,/ \t\n\r\v\f\u00a0\u202f\u200b\ufeff\x01\x7fé€😀'\"%;"
WRITTEN_OTHERWISE = [
    "",
    " ",
    "0x1F",
    "0b11",
    "1e14",
    "1.5e14",
    "1e14           ",
    "           1e14",
    "1234567890123e2",
    "123456789012e03",
    "1_0_0_0_0_0_0_0",
    "0x0112345678901",
    "-9223372036854775808",
    "9223372036854775807",
    "F" * 15,
    "+27701011540032",
    "-27701011540032",
    "27701011540032.",
    "2770101154003.9",
    "inf",
    "nan",
    "NULL",
    "true",
    "٢٧٧٠١٠١١٥٤٠٠٣٢٩",
    "２７７０１０１１５４００３２９",
    "7507121٨٤",
    "750712184 ",
    "750712184\n",
    "\n750712184",
    "750712184\u00a0",
    "2a0000014",
    "2A000001A",
    "A20000014",
    "222A00014",
    "2C0000014",
    "253072a07300443",
    "253072C07300443",
    "25307A207300443",
    "2530722A0730044",
    "9" * 15,
    "0" * 9,
    "0" * 11,
    "0" * 15,
    "9" * 400,
    "1" * 70_000,
    "2A" * 30_000,
]


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """A number with its right key, or with a character or two changed, added or taken away."""
    digit = st.sampled_from("0123456789")
    kind = draw(st.sampled_from(["finess", "nir", "rpps"]))
    corsican = draw(st.sampled_from(["", "", "2A", "2B"]))

    def digits(count: int) -> str:
        return "".join(draw(st.lists(digit, min_size=count, max_size=count)))

    if kind == "finess":
        first = (corsican or digits(2)) + digits(6)
        number = first + finess.key(first)
    elif kind == "rpps":
        first = digits(10)
        number = first + rpps.key(first)
    else:
        month = draw(st.sampled_from(["00", "01", "12", "13", "19", "20", "42", "99"]))
        first = draw(digit) + digits(2) + month + (corsican or digits(2)) + digits(6)
        number = first + nir.key(first)
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(number)))
        taken = draw(st.integers(0, 1))
        number = number[:place] + draw(st.sampled_from(["", *"0123456789", *ODD])) + number[place + taken :]
    return number


any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
odd_text = st.text(st.sampled_from("0123456789" + ODD), max_size=17)
texts = st.lists(numbers() | numbers() | odd_text | any_text, min_size=1, max_size=200)


def name(module: ModuleType) -> str:
    return module.__name__.rsplit(".", 1)[1]


@pytest.mark.parametrize("module", MODULES, ids=name)
class TestTwins:
    @several
    @given(batch=texts)
    def test_the_twin_judges_any_text_as_the_function_does(self, judge, module, batch: list[str]) -> None:
        assert judge(module.sql_is_valid, batch) == {text: module.is_valid(text) for text in batch}

    def test_the_twin_is_not_taken_in_by_what_merely_reads_as_a_number(self, judge, module) -> None:
        assert judge(module.sql_is_valid, WRITTEN_OTHERWISE) == {
            text: module.is_valid(text) for text in WRITTEN_OTHERWISE
        }

    @several
    @given(batch=texts)
    def test_the_twin_of_compact_strips_what_the_function_strips(self, judge, module, batch: list[str]) -> None:
        assert judge(module.sql_compact, batch) == {text: module.compact(text) for text in batch}

    def test_null_is_neither_valid_nor_invalid(self, module) -> None:
        with database.connect() as con:
            row = con.execute(f"SELECT {module.sql_is_valid('t')} FROM (SELECT NULL::VARCHAR AS t)").fetchone()
        assert row == (None,)

    @pytest.mark.parametrize("column", ["d", "n", '"Numéro, d\'usage"'])
    def test_the_name_of_the_column_does_not_matter(self, module, column: str) -> None:
        with database.connect() as con:
            con.execute(f"CREATE TABLE t ({column} VARCHAR)")
            con.execute("INSERT INTO t VALUES ('750712184'), ('277010115400329'), ('10000000017')")
            query = f"SELECT count(*) FROM t WHERE {module.sql_is_valid(column)}"
            assert con.execute(query).fetchone() == (1,)

    @several
    @given(batch=texts)
    def test_what_validate_accepts_is_valid_once_compact(self, module, batch: list[str]) -> None:
        for text in batch:
            try:
                number = module.validate(text)
            except ValueError:
                assert not module.is_valid(module.compact(text))
            else:
                assert number == module.compact(text)
                assert module.is_valid(number)
                assert module.validate(number) == number

    @several
    @given(batch=texts)
    def test_a_refusal_never_shows_the_value(self, module, batch: list[str]) -> None:
        for text in batch:
            try:
                module.validate(text)
            except ValueError as refusal:
                number = module.compact(text)
                assert len(number) < 5 or number not in str(refusal)


def one_character_away(valid: str) -> list[str]:
    others = "0123456789ABCabcexX_. +-٣"
    return [valid[:place] + other + valid[place + 1 :] for place in range(len(valid)) for other in others]


def dressed(valid: str) -> list[str]:
    """The same number as DuckDB would also read it: with spaces, a sign, zeros, a fraction, an exponent, a base."""
    around = [("", after) for after in (" ", "\n", "\t\t", ".", ".0", ".4", "e0", "e00", "0e-1", "_")]
    around += [(before, "") for before in (" ", "\n", "+", "-", "0", "00", "0x", "0b")]
    texts = [before + valid + after for before, after in around]
    if valid.isdigit():
        texts += [f"0x{int(valid):0{width}x}" for width in (1, 7, 9, 13)]
        texts += [f"{valid[:-2]}.{valid[-2:]}e2", f"{valid[:1]}.{valid[1:]}e{len(valid) - 1}"]
    return texts


@pytest.mark.parametrize("neighbours", [one_character_away, dressed])
@pytest.mark.parametrize(
    ("module", "valid"),
    [
        (finess, "750712184"),
        (finess, "010000016"),
        (finess, "2A0000014"),
        (finess, "2B0000020"),
        (nir, "277010115400329"),
        (nir, "253072A07300443"),
        (nir, "253072B07300470"),
        (rpps, "10000000017"),
    ],
)
def test_of_the_neighbours_of_a_number_the_twin_accepts_the_same(judge, module, valid: str, neighbours) -> None:
    batch = [valid, *neighbours(valid)]
    judged = judge(module.sql_is_valid, batch)
    assert judged == {text: module.is_valid(text) for text in batch}
    assert judged[valid] is True


def test_of_all_endings_of_a_nir_the_twin_accepts_the_same(judge) -> None:
    batch = [f"27701011540{order:02}{key:02}" for order in range(97) for key in range(100)]
    judged = judge(nir.sql_is_valid, batch)
    assert judged == {text: nir.is_valid(text) for text in batch}
    assert sum(map(bool, judged.values())) == 97


def test_a_matricule_is_judged_as_a_nir() -> None:
    assert (ins.is_valid, ins.sql_is_valid) == (nir.is_valid, nir.sql_is_valid)


@pytest.mark.parametrize("function", ["is_known_oid", "is_test_oid"])
def test_the_twins_over_oids_judge_as_the_functions_do(judge, function: str) -> None:
    python: Callable[[str], bool] = getattr(ins, function)
    batch = [*ins.OIDS, "", "1.2.250.1.213.1.4.2", "urn:oid:1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.8 "]
    assert judge(getattr(ins, f"sql_{function}"), batch) == {oid: python(oid) for oid in batch}
