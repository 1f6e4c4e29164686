"""Checks: to come."""
