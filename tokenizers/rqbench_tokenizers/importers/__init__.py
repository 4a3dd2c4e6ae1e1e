"""Importers of published tokenizers, one file a family."""
