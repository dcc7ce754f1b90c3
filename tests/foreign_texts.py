"""Follows texts from outside through the code of the engine, to the statements it runs.

Foreign is every text of a question and of a data map, whatever a statement answered, and what
the functions that are called from elsewhere are given. What is made of something foreign is
foreign too, through assignments, calls, returns and fields, until it is quoted or a number.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from types import ModuleType

from syntax_trees import OUTSIDE, Apart, held, may_be_text, owner, parameters

QUOTED = frozenset({"text", "name", "hex"})
"""What quotes a literal or an identifier, or leaves hexadecimal digits."""
NUMBERS = frozenset({"len", "int", "float", "bool", "index", "bits", "number", "period"})
"""What answers a number; `times.period` answers numbers of units that it names itself."""
RUNS = frozenset({"run", "read", "rows", "one", "stream", "execute"})
ANSWERS = frozenset({"rows", "one", "stream", "fetchall", "fetchmany"})
ENGINE = "duckdb_engine"
Function = tuple[str, str]
"""Module and name."""


def texts_of(*modules: ModuleType) -> set[str]:
    """Return the names of the fields that hold texts in the dataclasses of some modules."""
    kinds = {kind for module in modules for kind in vars(module).values() if is_dataclass(kind)}
    return {
        each.name
        for kind in kinds
        for each in fields(kind)
        if any(word in str(each.type) for word in OUTSIDE)
    }


@dataclass
class Scope:
    """A function, and which of its names hold something foreign."""

    module: str
    node: ast.FunctionDef
    owner: str = ""
    foreign: set[str] = field(default_factory=set)
    answers_foreign: bool = False


class Flow:
    """What is foreign where, once nothing new is found any more."""

    def __init__(
        self,
        trees: Mapping[str, ast.Module],
        texts: set[str],
        *,
        keyed: Collection[str] = (),
        ours: Collection[str] = (),
    ) -> None:
        """Read modules by their names.

        The keys of a mapping in `keyed` are words of ours, and so is what an expression in
        `ours` says, though it would seem foreign.
        """
        self._texts, self._keyed, self._ours = set(texts), keyed, ours
        self._scopes: dict[Function, Scope] = {}
        self._classes: dict[str, list[str]] = {}
        self._known: dict[str, dict[str, Function]] = {}
        for module, tree in trees.items():
            Apart().visit(tree)
            self._learn(module, tree)
        self._begin()
        self._scope = next(iter(self._scopes.values()))
        before = -1
        while before != (before := self._size()):
            for node in self._nodes():
                self._step(node)

    def statements(self) -> Iterator[str]:
        """Yield the place of every statement that holds something foreign."""
        for node in self._nodes():
            if isinstance(node, ast.Call) and self._runs(node):
                for each in filter(self._is, node.args[:1]):
                    pieces = [p for p in ast.walk(each) if isinstance(p, ast.FormattedValue)]
                    told = sorted(ast.unparse(p.value) for p in pieces if self._is(p))
                    yield f"{self._scope.module}:{node.lineno}: {', '.join(told) or '?'}"

    def _nodes(self) -> Iterator[ast.AST]:
        """Yield every piece of every function, whose scope is then at hand."""
        for scope in self._scopes.values():
            self._scope = scope
            yield from ast.walk(scope.node)

    def _learn(self, module: str, tree: ast.Module) -> None:
        known = self._known.setdefault(module, {})
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                own = [n for n in node.body if isinstance(n, ast.AnnAssign)]
                self._classes[node.name] = [ast.unparse(n.target) for n in own]
            inside = node.body if isinstance(node, ast.ClassDef) else [node]
            for each in inside:
                if isinstance(each, ast.FunctionDef):
                    inside_of = node.name if isinstance(node, ast.ClassDef) else ""
                    self._scopes[module, each.name] = Scope(module, each, inside_of)
                    known[each.name] = (module, each.name)
            if isinstance(node, ast.ImportFrom):
                last = (node.module or "").rpartition(".")[2]
                for alias in node.names:
                    known[alias.asname or alias.name] = (last, alias.name)

    def _begin(self) -> None:
        """Take for foreign what functions are given that nobody here calls."""
        called = {self._called(node) for node in self._nodes() if isinstance(node, ast.Call)}
        for key in set(self._scopes) - called:
            scope = self._scopes[key]
            for each in parameters(scope.node):
                if each.annotation and ast.unparse(each.annotation) in OUTSIDE:
                    scope.foreign.add(each.arg)

    def _size(self) -> int:
        inner = sum(len(s.foreign) + s.answers_foreign for s in self._scopes.values())
        return inner + len(self._texts)

    def _runs(self, call: ast.Call) -> bool:
        asked = call.func
        return (
            isinstance(asked, ast.Attribute)
            and asked.attr in RUNS
            and ast.unparse(asked.value).endswith(("engine", "connection", "duckdb"))
        )

    def _called(self, call: ast.Call) -> Function | None:
        """Return the function of ours that is called."""
        known = self._known[self._scope.module]
        if isinstance(call.func, ast.Name):
            found = known.get(call.func.id)
        elif isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
            on = call.func.value.id
            module = known.get(on, (None, ENGINE if on == "engine" else on))[1]
            found = (self._scope.module if on == "self" else module, call.func.attr)
        else:
            found = None
        return found if found in self._scopes else None

    def _step(self, node: ast.AST) -> None:
        """Carry what is foreign on by one node."""
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind(target, value)
            case (
                ast.AnnAssign(target=target, value=ast.expr() as value)
                | ast.AugAssign(target=target, value=value)
                | ast.NamedExpr(target=target, value=value)
                | ast.withitem(context_expr=value, optional_vars=ast.expr() as target)
            ):
                self._bind(target, value)
            case (
                ast.For(target=target, iter=value)
                | ast.comprehension(target=target, iter=value)
            ):
                self._loop(target, value)
            case (
                ast.Return(value=ast.expr() as value)
                | ast.Yield(value=ast.expr() as value)
                | ast.YieldFrom(value=value)
            ):
                self._return(value)
            case ast.Call():
                self._call(node)

    def _return(self, value: ast.expr) -> None:
        function = self._scope.node
        if may_be_text(function.returns) and self._is(value):
            self._scope.answers_foreign = True
            if any(ast.unparse(each) == "property" for each in function.decorator_list):
                self._texts.add(function.name)

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        pair = (target, value)
        match pair:
            case ast.Tuple(elts=ones), ast.Tuple(elts=others) if len(ones) == len(others):
                for one, other in zip(ones, others, strict=True):
                    self._bind(one, other)
            case _ if self._is(value):
                self._mark(target)

    def _mark(self, target: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                self._scope.foreign.add(name)
            case ast.Attribute(attr=name):
                self._texts |= {name, self._field(target)}
            case ast.Subscript(value=inner) | ast.Starred(value=inner):
                self._mark(inner)
            case ast.Tuple(elts=several) | ast.List(elts=several):
                for each in several:
                    self._mark(each)

    def _loop(self, target: ast.expr, value: ast.expr) -> None:
        """Bind what a loop takes; the keys of what is keyed by our words are ours."""
        match target, value:
            case ast.Tuple(elts=[_, second]), ast.Call(
                func=ast.Attribute(value=mapping, attr="items")
            ) if self._by_ours(mapping):
                self._bind(second, mapping)
            case ast.Tuple(elts=[_, second]), ast.Call(
                func=ast.Name(id="enumerate"), args=[several, *_]
            ):
                self._loop(second, several)
            case ast.Tuple(elts=ones), ast.Call(func=ast.Name(id="zip"), args=others) if len(
                ones
            ) == len(others):
                for one, other in zip(ones, others, strict=True):
                    self._loop(one, other)
            case _, ast.Tuple(elts=listed) | ast.List(elts=listed):
                for each in listed:
                    self._bind(target, each)
            case _ if not self._by_ours(value):
                self._bind(target, value)

    def _by_ours(self, mapping: ast.expr) -> bool:
        return ast.unparse(mapping).rpartition(".")[2] in self._keyed

    def _field(self, node: ast.Attribute) -> str:
        """Return what a field is known by: of our own class by that too, else by its name."""
        own = self._scope.owner if ast.unparse(node.value) == "self" else ""
        known = node.attr in self._classes.get(own, ())
        return f"{own}.{node.attr}" if known else node.attr

    def _call(self, call: ast.Call) -> None:
        if (
            isinstance(call.func, ast.Attribute)
            and call.func.attr in {"append", "extend"}
            and any(self._is(each) for each in call.args)
        ):
            self._mark(owner(call.func.value))
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        named = {each.arg: each.value for each in call.keywords if each.arg}
        if name in self._classes:
            told = {**dict(zip(self._classes[name], call.args, strict=False)), **named}
            foreign = {each for each, value in told.items() if self._is(value)}
            self._texts |= foreign | {f"{name}.{each}" for each in foreign}
        found = self._called(call)
        if found is not None:
            node = self._scopes[found].node
            known = {each.arg: each for each in parameters(node) if each.arg != "self"}
            told = {**dict(zip(known, call.args, strict=False)), **named}
            foreign = {
                each
                for each, parameter in known.items()
                if each in told and may_be_text(parameter.annotation) and self._is(told[each])
            }
            self._scopes[found].foreign |= foreign

    def _is(self, node: ast.AST) -> bool:
        """Tell whether an expression is foreign."""
        match node:
            case ast.Name(id=name):
                return name in self._scope.foreign
            case ast.Attribute() if ast.unparse(node) in self._ours:
                return False
            case ast.Attribute(value=value):
                return self._field(node) in self._texts or self._is(value)
            case ast.Call():
                return self._answers(node)
            case _:
                return any(self._is(each) for each in held(node))

    def _answers(self, call: ast.Call) -> bool:
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name in QUOTED | NUMBERS or name in self._classes:
            return False
        if self._runs(call):
            return name in ANSWERS
        found = self._called(call)
        if found is not None:
            return self._scopes[found].answers_foreign
        own = call.func.value if isinstance(call.func, ast.Attribute) else None
        given = [*call.args, *(each.value for each in call.keywords), *([own] if own else [])]
        return any(self._is(each) for each in given)
