"""nushell: the Enter key does what it did, whatever is bound to it."""

import re

import pytest
from nushell_shell import SAID, Place, is_before, place, value

__all__ = ["place"]


def test_enter_goes_on_with_what_is_not_complete(place: Place) -> None:
    """A line end is put in, and the whole is judged when it is complete."""
    secret = value()
    with place.start() as shell:
        shell.send("[1\r")
        shell.wait("::: ")
        assert "2" in shell.run("2] | length")
        shell.send("{\r")
        shell.wait("::: ")
        shell.send(f'password: "{secret}"\r')
        shell.wait("::: ")
        shell.wait("::: ")
        assert shell.run("} | columns").count(SAID) == 1
        shell.exit()
    assert place.traces() == []
    assert place.history() == ["[1\n2] | length", "exit"]


def test_the_whole_line_is_seen_wherever_the_cursor_is(place: Place) -> None:
    """A secret behind the cursor counts."""
    with place.start() as shell:
        shell.send(f"print token={value()}" + "\x1b[D" * 30)
        assert SAID in shell.run("")
        shell.send(f"print token={value()}\x01")
        assert SAID in shell.run("")
        shell.exit()
    assert place.traces() == []


@pytest.mark.parametrize("quick", ["true", "false"])
def test_enter_chooses_in_menus(place: Place, quick: str) -> None:
    """With a menu open, Enter takes the entry and does not run the line."""
    (place.work / "folder-one").mkdir()
    (place.work / "folder-two").mkdir()
    place.configure(before=f"$env.config.completions.quick = {quick}")
    with place.start() as shell:
        shell.type("print older")
        shell.type("print newer")
        shell.send("cd fold\t")
        shell.wait("two")
        shell.send("\t")
        shell.wait("two")
        shell.send("\r")
        shell.wait("folder-")
        assert "folder-" in shell.run("; print (pwd | path basename)")
        shell.send("\x12")
        shell.wait("print older")
        for _ in range(2):  # not at once: of two moves before it paints, it makes one
            shell.send("\x1b[B")
            shell.wait("print older")
        shell.send("\r")
        shell.wait("older")  # colours part the words of a line
        assert "older\n" in shell.run("")
        shell.exit()
    entry, *rest = place.history()[2:]
    assert re.fullmatch(r"cd folder-(one|two)/; print \(pwd \| path basename\)", entry)
    assert rest == ["print older", "exit"]


@pytest.mark.parametrize("mode", ["vi", "helix"])
def test_other_ways_to_edit(place: Place, mode: str) -> None:
    """In the modes of vi and helix Enter is guarded too, and leads back to typing."""
    if is_before(114 if mode == "vi" else 115):
        pytest.skip("this nushell cannot")
    place.configure(before=f'$env.config.edit_mode = "{mode}"')
    with place.start() as shell:
        assert "devkeys" not in shell.screen
        assert "was run" in shell.run("print 'was run'")
        assert SAID in shell.run(f"$env.LLM_API_KEY = '{value()}'")
        secret = value()
        shell.send(f"print --token={secret}")
        shell.wait(secret)
        shell.send("\x1b")
        shell.wait(shell.prompt)  # with Enter at once behind it, it would be Alt-Enter
        assert SAID in shell.run("")
        assert "inserted" in shell.run("print 'inserted'")
        shell.exit()
    assert place.traces() == []


def test_settings_that_cannot_be_guarded_are_named(place: Place) -> None:
    """One line at the start says why typed secrets are recorded."""
    if is_before(114):
        place.configure(before='$env.config.edit_mode = "vi"')
        with place.start() as shell:
            assert "recorded while config.edit_mode is vi (nushell 0.114 can)" in shell.screen
    place.configure(
        before="$env.config.completions.quick = false\n$env.config.completions.partial = false"
    )
    with place.start() as shell:
        assert "devkeys: typed secrets are recorded while config.completions" in shell.screen
    if not is_before(114):
        place.configure(before="$env.config.history.ignore_space_prefixed = false")
        with place.start() as shell:
            assert "recorded while config.history.ignore_space_prefixed is false" in shell.screen


_OWN = """
$env.config.keybindings ++= [
    {name: a modifier: none keycode: enter mode: [emacs] event: [
        {edit: movetoend} {edit: insertstring value: "; print (1 + 1)"} {send: enter}
    ]}
    {name: b modifier: alt keycode: char_s mode: emacs event: {send: submit}}
    {name: c modifier: control keycode: char_j mode: emacs event: null}
]
"""


@pytest.mark.parametrize("where", ["before", "after"])
def test_bindings_of_the_users_own(place: Place, where: str) -> None:
    """They do what they did, whether they were made before or after, and are guarded."""
    place.configure(**{where: _OWN})
    with place.start() as shell:
        assert "4\n2\n" in shell.run("print 4")
        assert SAID in shell.run(f"$env.LLM_API_KEY = '{value()}'")
        shell.send(f"$env.LLM_API_KEY = '{value()}'\x1bs")
        assert SAID in shell.next_prompt()
        shell.exit("exit #")
    assert place.traces() == []


def test_settings_that_are_made_anew(place: Place) -> None:
    """Bindings and menus that are set later, in config.nu or at the prompt, do not end it."""
    anew = "$env.config.keybindings = []; $env.config.menus = []; $env.config.menus ++= [];"
    place.configure(after=anew)
    with place.start() as shell:
        assert SAID in shell.type(f"$env.LLM_API_KEY = '{value()}'")
        shell.type(anew)
        assert SAID in shell.type(f"$env.LLM_API_KEY = '{value()}'")
        shell.send(f"$env.LLM_API_KEY = '{value()}'\n")
        assert SAID in shell.next_prompt()
        shell.exit()
    assert place.traces() == []


def test_a_line_that_was_given_up_leaves_no_word(place: Place) -> None:
    """What was found about a line that Ctrl-C ended is not said about the next."""
    with place.start() as shell:
        shell.send(f'[ {{password: "{value()}"\r')
        shell.wait("::: ")
        shell.send("\x03")
        shell.next_prompt()
        assert SAID not in shell.type(" print spaced")
        assert SAID not in shell.type("print plain")
        shell.exit()
    assert place.history() == ["print plain", "exit"]
