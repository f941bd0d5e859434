"""Tests of the documents: what the runbook and releases-store(7) say is so."""
