"""Measuring: distortion, perceptual distance, rate, usage, fidelity, cost and their protocols."""
