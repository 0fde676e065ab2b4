"""The search loop around an explorer: budget, coverage, shrinking and repeated executions."""
