"""Programs that are right, each of which uses a library for processes inside an actor."""
