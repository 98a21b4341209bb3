"""What a session's pages show, ready to print."""
