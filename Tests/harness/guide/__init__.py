"""Tests of the documents: what the guides and the pages of the manual say is so."""
