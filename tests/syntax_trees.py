"""What Python's own trees do not say: names that are apart, what a value is made of."""

import ast

OUTSIDE = frozenset({"str", "Path"})
"""What a text, or the place of a file, is declared as."""


class Apart(ast.NodeTransformer):
    """Gives what a comprehension names a name of its own, as it is in Python."""

    def visit(self, node: ast.AST) -> ast.AST:
        """Rename from the inside to the outside."""
        self.generic_visit(node)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            targets = [name for each in node.generators for name in ast.walk(each.target)]
            named = {name.id for name in targets if isinstance(name, ast.Name)}
            for each in ast.walk(node):
                if isinstance(each, ast.Name) and each.id in named:
                    each.id = f"{each.id}_{node.lineno}_{node.col_offset}"
        return node


def held(node: ast.AST) -> list[ast.AST]:
    """Return the parts of an expression that its value is made of."""
    match node:
        case ast.Compare() | ast.Lambda():
            return []
        case ast.Subscript(value=value) | ast.DictComp(value=value):
            return [value]
        case ast.BinOp(op=ast.Div(), right=value):  # a name in a folder of ours
            return [value]
        case ast.IfExp(body=body, orelse=other):
            return [body, other]
        case ast.ListComp(elt=each) | ast.SetComp(elt=each) | ast.GeneratorExp(elt=each):
            return [each]
        case _:
            return list(ast.iter_child_nodes(node))


def parameters(node: ast.FunctionDef) -> list[ast.arg]:
    """Return all that a function is given by place or by name."""
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def may_be_text(declared: ast.expr | None) -> bool:
    """Tell whether something may hold a text: what is declared as anything else does not."""
    kind = "Any" if declared is None else ast.unparse(declared)
    return any(word in kind for word in (*OUTSIDE, "Any", "Known", "Shape", "Columns"))


def owner(node: ast.expr) -> ast.expr:
    """Return what is added to, through calls and places."""
    while isinstance(node, ast.Call | ast.Subscript) or (
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call)
    ):
        node = node.func if isinstance(node, ast.Call) else node.value
        node = node.value if isinstance(node, ast.Attribute) else node
    return node
