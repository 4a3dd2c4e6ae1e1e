"""The reports that come with rqbench."""
