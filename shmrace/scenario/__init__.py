"""What users write: the base class, how one is loaded and its roles are checked."""
