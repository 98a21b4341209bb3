"""Approved claims as files."""
