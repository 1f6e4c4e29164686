"""The canonical lot: what every adapter produces and everything else reads."""

from esms_sdk.lot.manifest import Manifest
from esms_sdk.lot.reader import Lot, open_lot
from esms_sdk.lot.schema import Column, Schema, Table, load

__all__ = ["Column", "Lot", "Manifest", "Schema", "Table", "load", "open_lot"]
