"""`breachdesk risk`: assess facts, sign what they amount to, show what was signed."""

from pathlib import Path
from typing import Any

import click

from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.incidents import queries as incidents
from breachdesk.risk import commands, queries, reading, rules
from breachdesk.risk.terms import Assessment, Ground, Level, Relief, SignOff


@click.group("risk")
def risk() -> None:
    """Assess the risk for people and sign it off."""


@risk.command("assess")
@click.argument("facts", type=click.Path(path_type=Path))
@json_option
def assess(facts: Path, *, as_json: bool) -> None:
    """Say what FACTS (TOML, YAML or JSON) amount to. Reads that file and nothing else."""
    assessment = rules.assess(reading.read(facts))
    answer(document(assessment), as_json=as_json, text=lambda: _told(assessment))


@risk.command("words")
@json_option
def words(*, as_json: bool) -> None:
    """List the fields that facts may have, their words from harmless to worst, defaults."""
    known = rules.vocabulary()
    answer(
        known,
        as_json=as_json,
        text=lambda: "\n".join(
            f"{name} ({each['kind']}, default {each['default']}): {' '.join(each['words'])}"
            for name, each in known.items()
        ),
    )


@risk.command("sign")
@click.argument("reference")
@click.option(
    "--facts", type=click.Path(path_type=Path), help="Facts of this data set, from a file."
)
@click.option("--data-set", default="", help="Which data set, where roles or data differ.")
@click.option(
    "--level",
    type=click.Choice([each.value for each in Level]),
    help="Sign another level than the rules answer; needs --reason.",
)
@click.option("--reason", default="", help="Why you depart from the rules.")
@click.option(
    "--relief",
    type=click.Choice([each.value for each in Ground]),
    help="A ground of Art. 34(3) GDPR; needs --relief-reason.",
)
@click.option("--relief-reason", default="", help="Why that ground holds.")
@json_option
@pass_terminal
def sign(  # noqa: PLR0913  (one argument an option)
    terminal: Terminal,
    reference: str,
    *,
    facts: Path | None,
    data_set: str,
    level: str | None,
    reason: str,
    relief: str | None,
    relief_reason: str,
    as_json: bool,
) -> None:
    """Sign the assessment of REFERENCE, from its own facts or from a file."""
    read = reading.read(facts) if facts else None
    signing = SignOff(
        data_set=data_set,
        level=Level(level) if level else None,
        reason=reason,
        relief=Relief(Ground(relief), relief_reason) if relief else None,
    )
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        signed = shown(commands.sign_off(tx, incident, read, signing))
    answer(
        {"reference": reference, **signed},
        as_json=as_json,
        text=f"{reference}: {signed['level']} is signed (version {signed['version']}).",
    )


@risk.command("show")
@click.argument("reference")
@json_option
@pass_terminal
def show(terminal: Terminal, reference: str, *, as_json: bool) -> None:
    """Show what was signed for REFERENCE, and whether the facts have changed since."""
    with terminal.reading() as session:
        incident = incidents.by_reference(session, reference)
        together = queries.combined(session, incident.id)
        signed = []
        for row in queries.standing(session, incident.id):
            fit = queries.fit(session, row, incident)
            signed.append({**shown(row), "stale": fit.stale, "changed": fit.changed})
    found = {
        "reference": reference,
        "combined": None
        if together is None
        else {
            "level": together.level,
            "notify_authority": together.notify_authority,
            "notify_people": together.notify_people,
            "public_communication": together.public_communication,
            "rules": together.rules,
        },
        "assessments": signed,
    }
    lines = [
        f"{row['data_set'] or 'whole incident'}: {row['level']}, signed by {row['signed_by']}"
        + (f"; facts changed since: {', '.join(row['changed'])}" if row["stale"] else "")
        for row in signed
    ]
    answer(found, as_json=as_json, text="\n".join(lines) or "Nothing is signed yet.")


def document(assessment: Assessment) -> dict[str, Any]:
    """Return an assessment as the interfaces promise it."""
    return {
        "level": assessment.level,
        "notify_authority": assessment.notify_authority,
        "notify_people": assessment.notify_people,
        "duty": assessment.duty,
        "rule": assessment.rule,
        "reason": assessment.reason["en"],
        "reasons": dict(assessment.reason),
        "enisa": {
            "score": assessment.enisa.score,
            "band": assessment.enisa.band,
            "data": assessment.enisa.data,
            "identification": assessment.enisa.identification,
            "circumstances": assessment.enisa.circumstances,
            "flags": assessment.enisa.flags,
            "explanation": dict(assessment.enisa.explanation),
        },
        "severity": {"cnil": assessment.severity},
        "likelihood": {"cnil": assessment.likelihood},
        "unknown": assessment.unknown,
        "contradictions": assessment.contradictions,
    }


def shown(row: Any) -> dict[str, Any]:
    """Return a signed assessment as JSON shows it."""
    return {
        "data_set": row.data_set,
        "role": row.role,
        "version": row.version,
        "level": row.level,
        "assessed_level": row.assessed_level,
        "rule": row.rule,
        "reasons": row.reason,
        "enisa": row.enisa,
        "severity": {"cnil": row.severity},
        "likelihood": {"cnil": row.likelihood},
        "unknown": row.unknown,
        "contradictions": row.contradictions,
        "override_reason": row.override_reason,
        "relief": row.relief_ground,
        "relief_reason": row.relief_reason,
        "facts_digest": row.facts_digest,
        "signed_by": row.signed_by,
        "signed_at": row.signed_at,
    }


def _told(assessment: Assessment) -> str:
    lines = [
        f"{assessment.level.value}  ({assessment.rule})",
        assessment.reason["en"],
        f"authority: {_yes(assessment.notify_authority)}; "
        f"people: {_yes(assessment.notify_people)}"
        + (f"; duty: {assessment.duty}" if assessment.duty else ""),
        f"CNIL: severity {assessment.severity.value}, likelihood {assessment.likelihood.value}",
        assessment.enisa.explanation["en"],
    ]
    if assessment.unknown:
        lines.append(f"To find out: {', '.join(assessment.unknown)}")
    lines.append("A person decides: sign it with `breachdesk risk sign`.")
    return "\n".join(lines)


def _yes(answered: bool) -> str:
    return "to be told" if answered else "not due"
