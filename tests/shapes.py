"""The check that tests make of ecco: functions that name array shapes are checked, call by call.

Others are left as they are, so that a test may hand them something of a wrong type and read the error that a person would
read. They are not even wrapped, as jaxtyping's own import hook would do: that takes as long as all that is tested.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, FunctionType, ModuleType
from typing import Any

from beartype import BeartypeConf, beartype
from jaxtyping import jaxtyped

# What decorates functions and classes of ecco while they are imported.
NAME = "_shapes_checked"

_check = beartype(conf=BeartypeConf(is_pep484_tower=True))
_named: dict[CodeType, bool] = {}  # functions in functions are made again at each call


def install() -> None:
    """Check what is imported of ecco from now on."""
    assert "ecco" not in sys.modules, "ecco was imported before its shapes could be checked"
    sys.meta_path.insert(0, _Finder())


def checked(what: Any) -> Any:
    """A function that checks its arguments and its result, or a dataclass that checks its fields, if they name a shape."""
    function = what.__init__ if isinstance(what, type) else what
    if not isinstance(function, FunctionType):
        return what
    if function.__code__ not in _named:
        _named[function.__code__] = any(_names_shape(hint, function.__globals__) for hint in function.__annotations__.values())
    return jaxtyped(what, typechecker=_check) if _named[function.__code__] else what


def _names_shape(hint: Any, names: dict[str, Any]) -> bool:
    try:
        found = eval(hint, names) if isinstance(hint, str) else hint
    except Exception:  # a name that is defined later, or for type checkers only: nothing is checked then
        return False
    return any(sign in str(found) for sign in ("jaxtyping", "[Tensor,", "ndarray,"))


class _Decorated(ast.NodeTransformer):
    """Decorators get what is as it was written: a function before all others, a class after them."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.decorator_list.append(ast.copy_location(ast.Name(NAME, ast.Load()), node))
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        self.generic_visit(node)
        node.decorator_list.insert(0, ast.copy_location(ast.Name(NAME, ast.Load()), node))
        return node


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        """Compiled anew: what is stored in files is the code without checks."""
        path = self.get_filename(fullname)
        return compile(_Decorated().visit(ast.parse(self.get_data(path), path)), path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        vars(module)[NAME] = checked
        super().exec_module(module)


class _Finder:
    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.split(".")[0] != "ecco":
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec
