"""Fidelity that others can reproduce: protocols, the feature pass, scores and their errors."""
