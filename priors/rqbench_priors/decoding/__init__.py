"""Faster ways to the codes that `generate` draws: the loops of priors as plain tensor functions.

Weights are used as they lie in the prior, so nothing here can be out of date. Positions are Python
integers, and nothing waits for a device's values.
"""
