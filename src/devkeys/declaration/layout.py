"""Where each declaration stands: its comments, decorators, paragraph and heading."""

import re
from collections.abc import Iterable

from devkeys.declaration import Declaration, DeclarationFile, Notice
from devkeys.declaration.decorator_values import OURS, ROOT
from devkeys.declaration.decorators import Commented, Decorator, read_inline, read_run
from devkeys.declaration.items import ASSIGNMENT, COMMENT, Item
from devkeys.declaration.wording import says_optional, says_required
from devkeys.errors import DeclarationError

# Hyphens, dashes and box drawing: what people draw lines with.
_STROKES = "-=#*~_\u2500\u2501\u2550\u2013\u2014"
_RULE = re.compile(rf"[{_STROKES}+.|\s]*")
_TITLED = re.compile(rf"[{_STROKES}]{{3,}}\s*(\S(?:.*\S)?)\s*")
_TITLED_AFTER = re.compile(rf"(\S.*?)\s*[{_STROKES}]{{4,}}")
_OF_ANOTHER = re.compile(r"`?([A-Z][A-Z0-9_]*)`?(?: [-\u2013\u2014]|:)\s+(.*)")
_LONGEST_TITLE = 100
# A heading may govern thousands of names: only so many of its lines are looked at for each.
_MOST_GOVERNING = 40


def build(items: Iterable[Item], *, path: str) -> DeclarationFile:
    """Put *items*, in the order of the file, together; raise DeclarationError."""
    layout = _Layout(path)
    for item in items:
        if item.gap:
            layout.end_paragraph()
        layout.notices += item.notices
        if item.kind == COMMENT:
            layout.comment(item)
        elif item.kind == ASSIGNMENT:
            layout.assignment(item)
        else:
            layout.governing = ()
    layout.end_paragraph()
    return layout.finish()


class _Layout:
    def __init__(self, path: str) -> None:
        self.path = path
        self.notices: list[Notice] = []
        self.governing: tuple[str, ...] = ()
        self._declarations: list[Declaration] = []
        self._header: list[Decorator] = []
        self._run: list[tuple[int, str]] = []
        self._block = 0
        self._section = ""
        self._titled = False

    def comment(self, item: Item) -> None:
        text = item.text
        stripped = text.strip()
        if _RULE.fullmatch(text) and sum(char in _STROKES for char in text) >= 3:
            self._end_run(divider=True)
        elif len(stripped) <= _LONGEST_TITLE * 2 and (
            found := _TITLED.fullmatch(stripped) or _TITLED_AFTER.fullmatch(stripped)
        ):
            self._end_run(divider=True)
            self._entitle(found[1].strip(f"{_STROKES}+| \t"))
        else:
            self._run.append((item.line, text.lstrip("#").rstrip("# \t")))

    def end_paragraph(self) -> None:
        """Take note of a blank line or the end of the file."""
        self._end_run(divider=False)
        self.governing = ()
        self._block += 1
        self._titled = False

    def _end_run(self, *, divider: bool) -> None:
        if not self._run:
            return
        read = read_run(self._run, self.path)
        self._keep_detached(read)
        title, following = _split_title(read.prose)
        if not self._titled and following <= (1 if divider else 0):
            self._entitle(title)
        self._run = []
        self.governing = ()

    def _entitle(self, title: str) -> None:
        if title and len(title) <= _LONGEST_TITLE:
            self._section = title
            self._titled = True
            self._block += 1

    def _keep_detached(self, read: Commented) -> None:
        self.notices += read.notices
        for line, (name, value) in read.decorators:
            if self._declarations or name in OURS:
                self._misplaced(line, name, "no variable: a blank line or a divider follows it")
            else:
                self._header.append((name, value))

    def _misplaced(self, line: int, name: str, why: str) -> None:
        self.notices.append(Notice(line, f"@{name} belongs to {why}"))

    def assignment(self, item: Item) -> None:
        read = read_run(self._run, self.path)
        inline = read_inline(item.inline, item.line, self.path)
        self.notices += (*read.notices, *inline.notices)
        for line, (name, _) in (*read.decorators, *inline.decorators):
            if name in ROOT:
                self._misplaced(line, name, "the header: put a blank line after it")
        if self._run:
            self.governing = read.prose[:_MOST_GOVERNING]
        self._run = []
        own = _about(item.name, (*self.governing, *inline.prose))
        described = _about(item.name, (*read.prose, *inline.prose))
        self._declarations.append(
            Declaration(
                name=item.name,
                default=item.value,
                line=item.line,
                commented=item.commented,
                description="\n".join(line for line in described if line),
                block=self._block,
                section=self._section,
                decorators=_merge((*read.decorators, *inline.decorators), self.path),
                quote=item.quote,
                optional=_may_stay_empty(item.name, own, self._section),
            )
        )

    def finish(self) -> DeclarationFile:
        active: dict[str, Declaration] = {}
        for declaration in self._declarations:
            if declaration.commented:
                continue
            if earlier := active.pop(declaration.name, None):
                message = f"{earlier.name} stands on line {earlier.line} too; this later one counts"
                self.notices.append(Notice(declaration.line, message))
                declaration = _united(earlier, declaration)  # noqa: PLW2901 - the later one, completed
            active[declaration.name] = declaration
        for declaration in self._declarations:
            active.setdefault(declaration.name, declaration)
        ordered = sorted(active.values(), key=lambda declaration: declaration.line)
        return DeclarationFile(
            self.path, tuple(ordered), tuple(sorted(set(self.notices))), tuple(self._header)
        )


def _split_title(lines: tuple[str, ...]) -> tuple[str, int]:
    """Return the first of *lines* and how many follow it; none where an empty one does."""
    text = "\n".join(lines).strip("\n")
    title, _, rest = text.partition("\n")
    return title, 0 if rest.startswith("\n") else len(rest.split("\n")) if rest else 0


def _about(name: str, lines: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out of *lines* those that begin with another variable's name: `OTHER - what it is`."""
    found = [(line, _OF_ANOTHER.match(line)) for line in lines]
    return tuple(
        match[2] if match else line
        for line, match in found
        if not match or match[1] == name or "_" not in match[1]
    )


def _may_stay_empty(name: str, own: tuple[str, ...], section: str) -> bool:
    text = "\n".join(own)
    if says_optional(text, name):
        return True
    return not says_required(text) and says_optional(section, name)


def _merge(found: tuple[tuple[int, Decorator], ...], path: str) -> tuple[Decorator, ...]:
    """Return the decorators of one variable; raise if two of them contradict each other."""
    merged: dict[str, Decorator] = {}
    for line, (name, value) in found:
        repeatable = value.startswith("(")
        if not repeatable and merged.get(name, (name, value)) != (name, value):
            raise DeclarationError(
                f"{path}:{line}: @{name} stands twice with different values", hint="keep one"
            )
        merged[f"{name}{value}" if repeatable else name] = (name, value)
    for one, other in (("required", "optional"), ("sensitive", "public")):
        if "false" not in (merged.get(one, ("", "false"))[1], merged.get(other, ("", "false"))[1]):
            raise DeclarationError(
                f"{path}:{found[-1][0]}: @{one} and @{other} contradict each other",
                hint="keep one",
            )
    return tuple(merged.values())


def _united(earlier: Declaration, later: Declaration) -> Declaration:
    """Return the later of two declarations of a name, with what only the earlier one says."""
    names = {name for name, _ in later.decorators}
    kept = tuple(pair for pair in earlier.decorators if pair[0] not in names)
    return later._replace(
        description=later.description or earlier.description, decorators=(*kept, *later.decorators)
    )
