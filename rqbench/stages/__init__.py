"""The stages of an experiment, one file a kind."""
