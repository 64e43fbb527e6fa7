"""Which input led to this token: the methods and their results."""
