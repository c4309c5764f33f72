"""What the commands do, a module each; none of them knows the command line."""
