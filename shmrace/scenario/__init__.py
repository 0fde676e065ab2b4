"""Scenarios: the base class for users, how scenarios are loaded, how their roles are checked."""
