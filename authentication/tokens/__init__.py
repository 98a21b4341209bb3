"""How a program proves who it is: by a token that an administrator made for it."""
