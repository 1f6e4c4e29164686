"""The documents that a DUI exchanges: reading, mapping and building them.  No verdict is given here."""
