"""The type checker that pytest applies to ecco: functions that name array shapes are checked, call by call.

Others are not, so that a test may hand them something of a wrong type and read the error that a person would read.
"""

from __future__ import annotations

from typing import Any

from beartype import BeartypeConf, beartype

_check = beartype(conf=BeartypeConf(is_pep484_tower=True))


def check(function: Any) -> Any:
    """Check the arguments and the result of a function whose annotations name a shape."""
    hints = getattr(function, "__annotations__", {}).values()
    named = any("jaxtyping" in str(hint) or "[Tensor," in str(hint) or "ndarray," in str(hint) for hint in hints)
    return _check(function) if named else function
