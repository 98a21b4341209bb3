"""The parts of `./dev`: standard library only, so that they run before anything is installed."""
