"""From a vendor's records to the canonical lot: adapters, their engine, and what they set aside."""

from esms_sdk.adapter.discovery import AdapterFound, discover, load
from esms_sdk.adapter.importer import ImportReport, import_lot
from esms_sdk.adapter.mapping import Adapter

__all__ = ["Adapter", "AdapterFound", "ImportReport", "discover", "import_lot", "load"]
