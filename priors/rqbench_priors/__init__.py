"""The priors that come with rqbench."""
