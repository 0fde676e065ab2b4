"""Runs in the actor: its role's body, `world`, exit handlers, prints, logs and line gates."""
