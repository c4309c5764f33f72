"""What `devkeys doctor` does with its options, and which of the reports it prints.

What only some of the options need is imported where it is needed.
"""

from collections.abc import Sequence

from devkeys import ask
from devkeys.cli.doctor_progress import watching
from devkeys.cli.output import emit, emit_json
from devkeys.errors import UsageError
from devkeys.flows.doctor.examining import Examined, examine
from devkeys.flows.doctor.knowing import gather
from devkeys.flows.doctor.report import frame
from devkeys.flows.doctor.scope import Scope
from devkeys.secret import Secret
from devkeys.session import Session


def look(asked: Scope, given: Secret | None) -> Examined:
    """Look at all that is *asked* for, with a bar at a terminal."""
    with watching(frame(asked)) as watch:
        return examine(asked, gather(asked, given), watch)


def show(found: Examined, asked: Scope, *, json: bool, sarif: bool) -> int:
    """Print the report and return the exit code."""
    report = found.report
    if json:
        from devkeys.cli import doctor_json

        emit_json(doctor_json.as_data(report, found.marks))
    elif sarif:
        import json as json_format

        from devkeys.cli import doctor_sarif

        emit(json_format.dumps(doctor_sarif.as_data(report, frame(asked)), indent=2))
    else:
        from devkeys.cli import doctor_text, paint

        paint.show(doctor_text.lines(report, found.marks))
    return report.exit_code


def fix(
    found: Examined, asked: Scope, given: Secret | None, *, yes: bool, json: bool, sarif: bool
) -> int:
    """Clean up step by step, look again, and print what is left."""
    from devkeys.flows.doctor import fixing

    todo = fixing.steps(asked, found.report.findings, found.search, yes=yes)
    if not todo:
        if not json and not sarif:
            ask.say("devkeys: there is nothing here that --fix could mend\n")
        return show(found, asked, json=json, sarif=sarif)
    if not json and not sarif:
        from devkeys.cli import paint
        from devkeys.cli.doctor_verdict import verdict

        paint.show(verdict(found.report, frame(asked)))
    fixing.carry_out(todo, yes=yes)
    ask.say("\ndevkeys: this is left:\n")
    return show(look(asked, given), asked, json=json, sarif=sarif)


def accept(found: Examined, asked: Scope, ids: Sequence[str]) -> int:
    """Remember findings as accepted, by their ids."""
    from devkeys.flows.doctor import baseline

    state_dir = asked.session.state_dir
    report, marks = found.report, found.marks
    if baseline.REPOSITORY in ids:
        if not report.asked_to_ignore:
            raise UsageError("the repository asks to ignore nothing that is not accepted already")
        baseline.accept_list(state_dir, report.asked_to_ignore, marks)
        ask.say("devkeys: accepted what the repository asks to ignore, as it stands now")
    others = [one for one in ids if one != baseline.REPOSITORY]
    if others:
        number = baseline.accept(state_dir, report.findings, others, marks)
        ask.say(f"devkeys: accepted {number} {'finding' if number == 1 else 'findings'}")
    return 0


def unaccept(ids: Sequence[str]) -> int:
    """Forget that findings were accepted."""
    from devkeys.flows.doctor import baseline

    number = baseline.unaccept(Session().state_dir, ids)
    ask.say(f"devkeys: took back {number} of what was accepted")
    return 0


def explain(rule: str) -> int:
    """Print what a kind of finding means."""
    from devkeys.flows.doctor.explain import explain as explained

    emit(explained(rule))
    return 0
