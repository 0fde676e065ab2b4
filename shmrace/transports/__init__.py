"""How a payload gets from the sender to the ranks."""
