"""Faster ways to the codes that `generate` draws: the loops of priors as plain tensor functions.

What is packed out of a prior's weights lives for one batch, so nothing here can be out of date.
Positions are Python integers, and nothing waits for a device's values.
"""
