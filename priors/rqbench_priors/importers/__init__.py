"""Published checkpoints as our priors, one file a project's model."""
