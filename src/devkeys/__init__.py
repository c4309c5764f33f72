"""API keys in the OS keychain, in one child process, and nowhere else."""

VERSION = "0.1.0"
