"""A small template language, and what expands it.

In a template `[a|b|]` chooses one alternative (possibly nothing), `{name}` is a field of the moment or else a rule, and a rule
is a list of templates of which one is chosen. `a(n)` becomes "a" or "an". `{=}` is the answer of the fact that is told; it is
marked, so that an evaluation knows where to ask.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

MARK = "\x00"

# A mark may stand before a word.
_ARTICLE = re.compile(r"\b([Aa])\(n\) (?=[\x00-\x04]?(.))")
_SELF = re.compile(r"\bi\b")
_SPACES = re.compile(r"  +")
_START = re.compile(r"(^\W*|[.?!] [\x01-\x04]?|\n\W*|[:,] \")([a-z])")

Node = str | tuple[str, Any]


@cache
def parse(template: str) -> tuple[Node, ...]:
    """A template as a tuple of texts, references and choices."""
    nodes, end = _sequence(template, 0)
    if end != len(template):
        raise ValueError(f"unbalanced template: {template!r}")
    return nodes


def _sequence(template: str, at: int) -> tuple[tuple[Node, ...], int]:
    """The nodes from a position up to a closing bracket or bar, and where that is."""
    nodes: list[Node] = []
    while at < len(template) and template[at] not in "|]":
        if template[at] == "[":
            options = []
            while True:
                option, at = _sequence(template, at + 1)
                options.append(option)
                if at >= len(template):
                    raise ValueError(f"unbalanced template: {template!r}")
                if template[at] == "]":
                    break
            nodes.append(("choice", tuple(options)))
            at += 1
        elif template[at] == "{":
            end = template.index("}", at)
            nodes.append(("name", template[at + 1 : end]))
            at = end + 1
        else:
            end = at
            while end < len(template) and template[end] not in "[]{}|":
                end += 1
            nodes.append(template[at:end])
            at = end
    return tuple(nodes), at


class Grammar:
    """Rules, and the expansion of templates by them.

    Args:
        rules: templates by the name of the rule.
        rng: where all choices come from.
    """

    def __init__(self, rules: Mapping[str, Sequence[str]], rng: random.Random) -> None:
        self.rules = {name: [parse(template) for template in templates] for name, templates in rules.items()}
        self.rules |= {"lb": [("[",)], "rb": [("]",)]}
        self.rng = rng

    def raw(self, template: str, fields: Mapping[str, str] | None = None) -> str:
        """An expansion, not yet cleaned: to be put in a larger text."""
        out: list[str] = []
        self._expand(parse(template), fields or {}, out)
        return "".join(out)

    def text(self, template: str, fields: Mapping[str, str] | None = None) -> str:
        """An expansion with its articles, spaces and capitals set."""
        return tidy(self.raw(template, fields))

    def _expand(self, nodes: tuple[Node, ...], fields: Mapping[str, str], out: list[str]) -> None:
        for node in nodes:
            if isinstance(node, str):
                out.append(node)
            elif node[0] == "choice":
                self._expand(self.rng.choice(node[1]), fields, out)
            elif node[1] in fields:
                # A field may be a template itself, such as a subject with its modifiers.
                value = fields[node[1]]
                self._expand(parse(value), fields, out) if "{" in value or "[" in value else out.append(value)
            else:
                self._expand(self.rng.choice(self.rules[node[1]]), fields, out)


def variants(nodes: tuple[Node, ...], silent: frozenset[str] = frozenset()) -> set[str]:
    """All texts that the choices of a parsed template allow; names stay as they are, but for silent ones, which vanish."""
    found = {""}
    for node in nodes:
        if isinstance(node, str):
            parts = {node}
        elif node[0] == "choice":
            parts = {text for option in node[1] for text in variants(option, silent)}
        else:
            parts = {"" if node[1] in silent else f"{{{node[1]}}}"}
        found = {start + part for start in found for part in parts}
    return found


def tidy(text: str) -> str:
    """Set articles, spaces and capitals of an expanded text."""
    text = _SPACES.sub(" ", text).replace(" ,", ",").replace(" .", ".").replace(",,", ",").replace(",.", ".").replace(",?", "?")
    text = _SELF.sub("I", text)
    text = _ARTICLE.sub(lambda m: m[1] + ("n " if m[2] in "aeiouAEIO" else " "), text)
    return _START.sub(lambda m: m[1] + m[2].upper(), text)


def pick(options: Mapping[str, float], rng: random.Random) -> str:
    """One key, with probability in proportion to its weight."""
    return rng.choices(list(options), list(options.values()))[0]
