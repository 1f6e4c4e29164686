"""Les vérifications du kit, une par test."""

from esms_sdk.testing import adapter_tests

TestAdaptateur = adapter_tests(__file__)
