"""The Luhn key, shared by FINESS and RPPS."""

from __future__ import annotations

_PLAIN = bytes.maketrans(b"0123456789", bytes(range(10)))
_DOUBLED = bytes.maketrans(b"0123456789", bytes([0, 2, 4, 6, 8, 1, 3, 5, 7, 9]))  # twice the digit, less 9 above 9


def key(digits: str) -> str:
    """Return the digit that makes ``digits`` hold the Luhn rule when it is appended.

    >>> key("75071218")
    '4'
    """
    backwards = digits.encode("ascii")[::-1]
    total = sum(backwards[1::2].translate(_PLAIN)) + sum(backwards[::2].translate(_DOUBLED))
    return str(-total % 10)


def sql_holds(column: str, digits: str, length: int) -> str:
    """Return a DuckDB expression: ``digits`` are ``length`` ASCII digits, not all zero, that hold the Luhn rule.

    ``digits`` is a text expression of as many bytes as ``column``.  It is read as a hexadecimal number with a 1 in
    front, so that each digit is four bits of one integer: no substring, one cast a row, and no text that DuckDB would
    also take for a number (a sign, an exponent, spaces) keeps ``length`` hexadecimal digits.  Then, all digits at once:

    - a digit above 9 is one that carries when 6 is added;
    - of the digits to double, spread over bytes, those from 5 up reach 8 when 3 is added: for them the sum of the
      two digits of the double is the double plus 1, modulo 10;
    - the bytes, 28 at most, are summed by taking the remainder by 255.
    """
    ones, plain, pairs = int("1" * length, 16), int("0F" * ((length + 1) // 2), 16), length // 2
    doubled = f"((d >> 4) & {int('0F' * pairs, 16)})"
    from_five = f"((({doubled} + {int('03' * pairs, 16)}) >> 3) & {int('01' * pairs, 16)})"
    holds = (
        f"d > {16**length}"
        f" AND (xor(d + {6 * ones}, d) & {16 * ones}) = 0"
        f" AND (((d & {plain}) + 2 * {doubled} + {from_five}) % 255) % 10 = 0"
    )
    # A lambda, because DuckDB would cast once for each mention of the number.
    number = f"try_cast('0x1' || {digits} AS BIGINT)"
    judged = f"strlen({column}) = {length} AND list_transform([{number}], lambda d: {holds})[1]"
    return f"coalesce({judged}, CASE WHEN {column} IS NOT NULL THEN false END)"
