"""After a slip: where a secret is, and cleaning up.

discover -> scan -> report -> fix

scope      what to look at          knowing   which values are searched for
checks/    configuration, a module per subject
sources    checkout, histories, git, home, paths: a function each
baseline   what was accepted        fixing    --fix, step by step
"""
