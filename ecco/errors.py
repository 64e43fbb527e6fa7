"""What ecco raises. This file imports nothing, so that every other file may import it."""


class EccoError(Exception):
    """Something that ecco refuses to do; the message says what was wrong, its value, and what to do."""


class LoadError(EccoError):
    """A model or tokenizer that cannot be loaded."""


class ArgumentError(EccoError, ValueError):
    """An argument that has no meaning for this model or run."""


class ProofError(EccoError):
    """A part of a model that was not found, or that does not reproduce the model's own output."""


class ModelError(EccoError):
    """A model whose own code fails on a text, or whose answer holds numbers that mean nothing."""
