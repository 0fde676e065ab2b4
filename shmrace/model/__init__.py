"""Executions as plain data: steps, schedules, the ledger, and pure functions over them."""
