"""What a finding means: who raced, why nothing stopped them, what would, and how often."""
