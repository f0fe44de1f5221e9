"""What the black-box tests share: the server as a process, players by protocol, browsers, small games."""
