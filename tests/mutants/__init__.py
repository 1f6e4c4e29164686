"""Mutants: single defects of a conforming lot, which the requirement they name must find, and no other one.

Nothing here reads or imports a check: the defects are plain changes of rows.
"""
