"""Fidelity: how close a set of pictures comes to another, by protocols that say how."""
