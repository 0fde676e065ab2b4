"""An execution as plain data: steps, schedules, the ledger, and the pure rules over them."""
