"""What must hold of an execution, and the one place that issues a pass."""
