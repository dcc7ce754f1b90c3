"""Which form a command is about: options, and the form that they name."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from breachdesk.faces.cli.terminal import Terminal
from breachdesk.filings import reading
from breachdesk.filings.terms import Form
from breachdesk.kernel.errors import Problem, Unusable

DEFAULT_FORM, DEFAULT_AUTHORITY = "cnil-2023", "cnil"
CUSTOMER = "customer"
F = TypeVar("F", bound=Callable[..., Any])


def form_options(function: F) -> F:
    """Add the options that say which form, and for which customer."""
    for option in (
        click.option("--authority", help="Whom it is for; cnil unless said."),
        click.option("--form", "form_id", help="Its id; else the addressee's first."),
        click.option("--customer", help="Whose report it is, by the customer's key."),
    ):
        function = option(function)
    return function


def form_of(terminal: Terminal, asked: Mapping[str, str | None]) -> Form:
    """Return the form that is asked for: by its id, else the first of its addressee."""
    desk, authority = terminal.desk, asked.get("authority")
    form_id, customer = asked.get("form_id"), asked.get("customer")
    if form_id is None and authority not in {None, DEFAULT_AUTHORITY}:
        form = _first_for(reading.read_forms(desk.templates, desk.home), authority)
    else:
        form = reading.form(desk.templates, form_id or DEFAULT_FORM, desk.home)
    if authority not in {None, form.authority}:
        said = f"the form {form.id} is for {form.authority}, not for {authority}"
        raise Unusable(Problem(said, field="authority"))
    if (form.authority == CUSTOMER) is (customer is None):
        said = "names whose report it is" if customer is None else f"is not asked by {form.id}"
        raise Unusable(Problem(said, field="customer"))
    return form if customer is None else form.towards(customer)


def _first_for(forms: Mapping[str, Form], authority: str | None) -> Form:
    for each in forms.values():
        if each.authority == authority:
            return each
    there = ", ".join(sorted({each.authority for each in forms.values()}))
    raise Unusable(Problem(f"{authority!r} has no form; these do: {there}", field="authority"))
