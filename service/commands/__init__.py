"""The command line, one module a group of commands; run.py is the door to it."""
