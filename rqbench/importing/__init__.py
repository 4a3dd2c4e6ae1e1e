"""Published checkpoints become model folders: `rqbench import`, for Python users too."""
