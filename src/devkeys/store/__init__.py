"""The store: values in age files, whose keys are in the OS keychain or in a file.

On the way of `run`:
record       which identities there are, and where
identity     one of them, and that it is the right one
values       one profile's values: what stands in an age file, strictly
envelope     age: seal, unseal (door: pyrage)
layout       names to file names, and reading our own files

Writing:
create       makes the identities, each once
write        changes a profile's values; before, previous, ledger: what stands beside them
projects     lists and forgets
remote       values of providers, kept for a time

Changing what opens it: rekeying, resealing, placing, moving, recovery, tightening
Taking it elsewhere: bundle, merging
Looking and mending: verifying, inspecting, faults, salvage, repairing, rebuilding, newer, loss
"""
