"""Reading references: one `op inject`, and what it takes to learn which of them lead nowhere.

`op inject` stops at the first bad reference and answers none. Then: for an item that is not
there, one `op item list` for each vault tells which others are not either; for a field that is
not there, one `op item get` has all fields of the item. What is left is asked again. Each
round settles a reference at least, so it ends.
"""

import re
from collections.abc import Sequence

from devkeys.providers import Answer
from devkeys.providers.errors import DeniedError, ProviderError
from devkeys.providers.onepassword import complaints
from devkeys.providers.onepassword.items import same
from devkeys.providers.onepassword.program import Op, ambiguous, no_vault
from devkeys.providers.onepassword.template import Template, reference_text
from devkeys.references import Reference
from devkeys.secret import Secret

Answers = dict[Reference, Answer]

_OPTION = re.compile(r"[A-Za-z0-9-]+")  # braces or a blank would end the reference


def read(op: Op, account: str | None, asked: Sequence[Reference]) -> Answers:
    """Return for each of *asked*, all of one account, its value, None, or why not."""
    answers: Answers = {one: _unfit(one) for one in asked if not _fits(one)}
    while pending := [one for one in dict.fromkeys(asked) if one not in answers]:
        try:
            settled = _round(op, account, pending)
        except ProviderError as error:
            settled = dict.fromkeys(pending, error)
        answers |= settled or dict.fromkeys(pending, complaints.no_answer())
    return answers


def _fits(reference: Reference) -> bool:
    return all(_OPTION.fullmatch(value) for name, value in reference.options if name != "account")


def _unfit(reference: Reference) -> DeniedError:
    return DeniedError(
        f"{reference}: 1Password has no such attribute or format",
        hint="such as ?attribute=otp or ?ssh-format=openssh",
    )


def _round(op: Op, account: str | None, pending: Sequence[Reference]) -> Answers:
    template = Template(pending)
    done = op.run("inject", account=account, data=template.data)
    if done.code == 0:
        values = template.values(done.output)
        if values is None:
            raise complaints.no_answer()
        # 1Password keeps no empty values: an empty field is one without.
        return {
            one: Secret(value) if value else None
            for one, value in zip(pending, values, strict=True)
        }
    about = complaints.subject(done)
    if about is None:
        raise complaints.failure(done, op.environ)
    return _settle(op, account, pending, about)


def _settle(
    op: Op, account: str | None, pending: Sequence[Reference], about: complaints.Subject
) -> Answers:
    kind, name = about
    if kind in (complaints.ITEM, complaints.AMBIGUOUS):
        error = ambiguous(name) if kind == complaints.AMBIGUOUS else None
        return _by_lists(op, account, pending, name, error)
    if kind == complaints.FIELD:
        items = _grouped(pending)
        # Where op names the item in other words than the reference: all of them.
        named = [members for key, members in items.items() if same("/".join(key), name)]
        found = [_from_item(op, members) for members in named or items.values()]
        return {one: answer for answers in found for one, answer in answers.items()}
    if kind == complaints.VAULT:
        return {one: no_vault(one.path[0]) for one in pending if same(one.path[0], name)}
    return {
        one: DeniedError(f"{one} is none that op can read", hint="write ids for its names")
        for one in pending
        if reference_text(one) == name
    }


def _by_lists(
    op: Op,
    account: str | None,
    pending: Sequence[Reference],
    name: str,
    error: ProviderError | None,
) -> Answers:
    """Return for which of *pending* there is no item, or more than one.

    op complained about the item *name* with *error*; None says that there is none.
    """
    named = [one for one in pending if same(one.path[1], name)]
    if op.connect:  # which lists nothing: only what the complaint names can be told
        unique = len({one.path[0].casefold() for one in named}) == 1
        return dict.fromkeys(named, error) if unique else {}
    answers: Answers = {}
    for vault in {one.path[0].casefold(): one.path[0] for one in pending}.values():
        members = [one for one in pending if same(one.path[0], vault)]
        try:
            items = op.items(vault, account)
        except ProviderError as failure:
            answers |= dict.fromkeys(members, failure)
            continue
        for one in members:
            titled = [item for item in items if item.is_titled(one.path[1])]
            if len(titled) > 1:
                answers[one] = ambiguous(one.path[1])
            elif not any(item.is_called(one.path[1]) for item in items):
                answers[one] = None
    # What the lists do not bear out is no absence.
    return answers or dict.fromkeys(named, error or complaints.no_answer())


def _grouped(pending: Sequence[Reference]) -> dict[tuple[str, str], list[Reference]]:
    items: dict[tuple[str, str], list[Reference]] = {}
    for one in pending:
        items.setdefault((one.path[0].casefold(), one.path[1].casefold()), []).append(one)
    return items


def _from_item(op: Op, members: Sequence[Reference]) -> Answers:
    """Return what one item tells of *members*, all of it; what only op can make is left out."""
    try:
        item = op.item(members[0])
    except ProviderError as error:
        return dict.fromkeys(members, error)
    if item is None:
        return dict.fromkeys(members)
    answers: Answers = {}
    for one in members:
        try:
            field = item.field(one)
            if field is None and not item.has_file(one.path[-1]):
                answers[one] = None
            elif field is not None and all(name == "account" for name, _ in one.options):
                answers[one] = field.secret()
        except ProviderError as error:
            answers[one] = error
    return answers
