"""`python -m bot storage archive`: puts what is over into a file, then takes it out of the store.

find ─► file, on disk ─► read back ─► for each case: still the same? ─► removed

Broken off at any point, everything is in the store, in the file, or in both; never in neither.
"""
