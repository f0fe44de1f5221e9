"""Shared by the black-box tests: the server as a process, players that speak the protocol, browsers, small games."""
