"""Closing a month: pre-flight, the run, the close itself."""
