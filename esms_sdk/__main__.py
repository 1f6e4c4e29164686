"""``python -m esms_sdk`` is the program ``esms``."""

from __future__ import annotations

from esms_sdk.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
