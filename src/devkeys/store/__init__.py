"""The store: values in age files, whose one key is in the OS keychain.

identity   which key opens the store, and that it is the right one      on the way of `run`
values     one profile's values: what stands in an age file, strictly   on the way of `run`
envelope   age: seal, unseal (door: pyrage)                             on the way of `run`
layout     names to file names, and reading our own files               on the way of `run`
create     makes the identity, once
write      changes a profile's values; forgets them
ledger     dates, sources and people, without values
"""
