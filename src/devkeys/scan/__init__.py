"""Looking for secrets in bytes; see `search` for known values, `rules` for formats of keys.

finding   what a look ends in: a Finding, or an Unseen
search    known values in a piece of data        engine, squeeze: how
contents  files, a chunk at a time               walk: which files
blobs     the objects of a git repository
"""
