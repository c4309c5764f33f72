# devkeys for xonsh: keeps secrets that are typed at the prompt out of the history, says a word
# at `cd`, and completes `devkeys`. It is plain Python, so that an rc file need not wait for
# xonsh's own parser. docs/shells.md tells how it works.
_devkeys_version = "0.1.0"


def _devkeys_start():
    """Begin when the prompt does: in scripts nothing ever happens."""
    from xonsh.events import events

    @events.on_pre_cmdloop
    def _devkeys_on_pre_cmdloop(**_):
        events.on_precommand(_devkeys_on_precommand)
        events.on_pre_prompt(_devkeys_on_pre_prompt)
        _devkeys_guard()
        _devkeys_complete()

    try:
        _devkeys_spare_environment()
    except Exception:
        pass  # a xonsh that keeps its history in another way


# What was found about the texts of this prompt, what waits for it, and what was said.
_devkeys_judged = {}
_devkeys_waiting = []
_devkeys_now = {"told": False, "directory": None, "said": set()}


def _devkeys_on_precommand(cmd, **_):
    _devkeys_guard()
    if _devkeys_keeps_out(cmd):
        _devkeys_forget_lines(cmd)
    _devkeys_release()


def _devkeys_on_pre_prompt(**_):
    _devkeys_release()
    _devkeys_judged.clear()
    _devkeys_now["told"] = False
    _devkeys_guard()
    _devkeys_word()


# --- what is recorded -----------------------------------------------------------------------


def _devkeys_guard():
    """Stand before all that records; again at each prompt, because others come later."""
    from xonsh.built_ins import XSH
    from xonsh.events import events

    history = XSH.history
    if history is not None and not hasattr(history, "_devkeys_append"):
        history._devkeys_append = history.append
        history.append = lambda cmd: (
            None if _devkeys_keeps_out(cmd["inp"]) else history._devkeys_append(cmd)
        )
    typed = getattr(getattr(XSH.shell.shell, "prompter", None), "history", None)
    if typed is not None and not hasattr(typed, "_devkeys_append"):
        typed._devkeys_append = typed.append_string
        typed.append_string = _devkeys_append_string
    for handler in list(events.on_precommand):
        if getattr(handler, "__name__", "") in ("_atuin_precommand",):
            events.on_precommand.discard(handler)
            events.on_precommand(_devkeys_unless_kept_out(handler))


def _devkeys_unless_kept_out(handler):
    def _devkeys_recorder(cmd, **more):
        return None if _devkeys_keeps_out(cmd) else handler(cmd=cmd, **more)

    return _devkeys_recorder


def _devkeys_append_string(text):
    """Take what was typed into the list of the up arrow, unless it has to be asked about."""
    if _devkeys_suspects(text):
        _devkeys_waiting.append(text)
    else:
        _devkeys_typed()._devkeys_append(text)


def _devkeys_release():
    while _devkeys_waiting:
        text = _devkeys_waiting.pop(0)
        if not _devkeys_keeps_out(text):
            _devkeys_typed()._devkeys_append(text)


def _devkeys_typed():
    from xonsh.built_ins import XSH

    return XSH.shell.shell.prompter.history


def _devkeys_forget_lines(cmd):
    """Take the command's lines out of readline's list, where xonsh uses that."""
    import sys

    from xonsh.built_ins import XSH

    readline = sys.modules.get("readline")
    if readline is None or hasattr(XSH.shell.shell, "prompter"):
        return
    for line in reversed(cmd.splitlines()):
        last = readline.get_current_history_length()
        if last and line.strip() and readline.get_history_item(last).strip() == line.strip():
            readline.remove_history_item(last - 1)


def _devkeys_spare_environment():
    """Keep variables that are secret out of the head of a session's history file.

    xonsh writes its whole environment there at the start, which is after the rc files: what
    was typed in the shell around it, and what `devkeys run -- xonsh` gives it.
    """
    from xonsh.history import json as backend

    begin = backend.JsonHistory.__init__

    def _devkeys_begin(self, *words, **meta):
        environ = meta.get("env")
        if isinstance(environ, dict) and not _devkeys_is_off():
            kept = environ.items()
            meta["env"] = {n: v for n, v in kept if not _devkeys_is_secret(n, str(v))}
        begin(self, *words, **meta)

    backend.JsonHistory.__init__ = _devkeys_begin


def _devkeys_is_secret(name, value):
    """Say whether a variable may be one, without the patterns, which take 10 ms to make."""
    small = name.lower()
    return (
        any(part in small for part in _devkeys_parts.split())
        or not set(_devkeys_words.split()).isdisjoint(small.split("_"))
        or ("://" in value and "@" in value)
        or any(mark in value for mark in (*_devkeys_prefixes.split(), *_devkeys_infixes))
        or _devkeys_is_declared([name])
    )


# --- the judge ------------------------------------------------------------------------------


def _devkeys_keeps_out(text):
    """Say whether text must not be recorded. Tells the user, once a prompt."""
    # xonsh takes indentation away before it records.
    key = "\n".join(line.strip() for line in text.strip().split("\n"))
    if key not in _devkeys_judged:
        said = _devkeys_ask(text) if _devkeys_suspects(text) else None
        _devkeys_judged[key] = said is not None
        if said is not None and not _devkeys_now["told"]:
            _devkeys_now["told"] = True
            _devkeys_tell(said)
    return _devkeys_judged[key]


def _devkeys_ask(text):
    """Return None if devkeys finds no secret in text, else what it says."""
    import subprocess

    from xonsh.built_ins import XSH

    said = "devkeys: kept out of history: it may hold a secret (devkeys could not be asked)"
    try:
        done = subprocess.run(
            [_devkeys_program(), "hook", "check", "xonsh"],
            input=text.encode("utf-8", "backslashreplace"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=XSH.env.detype(),
            timeout=20,
        )
    except (Exception, KeyboardInterrupt):  # the command runs all the same
        return said
    if done.returncode == 0:
        return None
    line = done.stdout.decode("utf-8", "replace").partition("\n")[0].rstrip()
    told = done.returncode == 1 and line.startswith("devkeys: ") and line.isprintable()
    return line if told else said


def _devkeys_program():
    """Return the path of devkeys: no alias, no function, and nothing of the current directory.

    Raises LookupError if there is none.
    """
    import os
    import shutil

    from xonsh.built_ins import XSH

    for folder in filter(os.path.isabs, map(str, XSH.env.get("PATH", ()))):
        program = shutil.which("devkeys", path=folder)
        # Windows looks into the current directory first.
        if program is not None and os.path.isabs(program):
            return program
    raise LookupError


def _devkeys_tell(line):
    import sys

    try:
        print(line, file=sys.stderr, flush=True)
    except Exception:
        pass  # a closed terminal


def _devkeys_is_off():
    from xonsh.built_ins import XSH

    return XSH.env.get("DEVKEYS_HOOK") == "off"


# --- what is asked about: the words of devkeys' own src/devkeys/typed/suspicion.py ----------

# Parts of names that are secret, words that are so as a whole, databases before URL or URI.
_devkeys_parts = """key token secret pass pwd cred dsn salt pepper psk hmac cookie webhook
    bearer jwt mnemonic bindpw connection_string connection-string conn_string conn-string
    connectionstring service_account_json service-account-json recovery_codes recovery-codes
    seed_phrase seed-phrase basic_auth basic-auth browser_auth browser-auth session ksm_config"""
_devkeys_words = "pw iv pat sas"
_devkeys_databases = """database db redis mongo mongodb postgres postgresql pg mysql mariadb
    sqlalchemy amqp rabbitmq cloudamqp broker jdbc cloudinary smtp email mail mailer valkey"""
# Programs: any call; where they log in; where a user is named; where they keep secrets.
_devkeys_programs = """mysql mariadb mycli sshpass redis-cli valkey-cli mongo ldap smbclient
    rpcclient smbget 7z rar unrar zip unzip mosquitto_ sqlcmd bcp htpasswd openssl xfreerdp
    wlfreerdp security rclone nmcli wpa_passphrase lftp sqlplus ssh-keygen rabbitmqctl mkpasswd
    ansible-vault cmdkey"""
_devkeys_logins = """docker podman nerdctl buildah skopeo helm oras crane az twine vault bao bw
    cargo wandb snyk ngrok doctl glab"""
_devkeys_clients = "curl http https xh xhs"
_devkeys_keepers = "gh vault bao doppler infisical fly flyctl aws az eas pulumi"
# What takes a secret from its input.
_devkeys_sinks = """devkeys sudo gh wrangler vercel docker podman chpasswd passwd pass gopass
    passage secret-tool gcloud"""
# What keys begin with, and what stands inside of some; here case counts.
_devkeys_prefixes = """sk- gsk_ hf_ r8_ xai- pplx- nvapi- csk- fw_ tvly- pcsk_ lsv2_ e2b_ AIza
    ya29. GOCSPX- AKIA ASIA ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- glptt-
    glcbt- glft- glimt- glagent- gloas- ATBB ATATT3 ATCTT3 xoxb- xoxp- xoxa- xoxs- xoxr- xoxe-
    xoxe. xapp- hooks.slack.com/ sk_live_ sk_test_ rk_live_ rk_test_ whsec_ sq0csp- sq0atp- SG.
    key- xkeysib- xsmtpsib- re_ npm_ pypi- rubygems_ dckr_pat_ dckr_oat_ dop_v1_ doo_v1_ dor_v1_
    shpat_ shpss_ shpca_ shppa_ hvs. hvb. hvr. dp.pt. dp.st. dp.ct. dp.sa. dp.scim. ops_eyJ
    lin_api_ ntn_ secret_ figd_ PMAK- NRAK- glsa_ glc_ sntrys_ sntryu_ dapi pul- sbp_ sb_secret_
    pscale_tkn_ pscale_pw_ pscale_oauth_ fo1_ fm2_ nfp_ tskey- pat-na1- pat-eu1- sk.eyJ CFPAT-
    CCIPAT_ bkua_ sgp_ HRKU- AGE-SECRET-KEY- eyJ AccountKey="""
_devkeys_infixes = ("/api/webhooks/", ":AA", ".atlasv1.", "PRIVATE KEY-----", "8Q~")
# The patterns take the square of a text's length at worst: what is longer is asked about.
_devkeys_longest = 4096  # characters


def _devkeys_suspects(text):
    """Say whether text has to be asked about. It takes some 50 microseconds."""
    try:
        return not _devkeys_is_off() and _devkeys_may_hold_a_secret(text)
    except Exception:  # a fault of this file must not let a secret through
        return True


def _devkeys_may_hold_a_secret(text):
    if not _devkeys_patterns:
        _devkeys_compile()
    if _devkeys_patterns["on purpose"].match(text):
        return False
    if len(text) > _devkeys_longest:
        return True
    lower = text.lower()
    if any(pattern.search(lower) for pattern in _devkeys_patterns["lower"]):
        return True
    if _devkeys_patterns["format"].search(text):
        return True
    if any(infix in text for infix in _devkeys_infixes):
        return True
    setting = _devkeys_patterns["setting"].search(lower)
    names = _devkeys_patterns["name" if setting else "given"].findall(text)
    return bool(names) and _devkeys_is_declared(names)


_devkeys_patterns = {}


def _devkeys_compile():
    import re

    def any_of(table):
        return "|".join(table.split())

    prefixes = "|".join(map(re.escape, _devkeys_prefixes.split()))
    tail = "[a-z0-9_-]*"
    names = (
        rf"(?:(?:{any_of(_devkeys_parts)}){tail}"
        rf"|(?:^|[^a-z0-9])(?:{any_of(_devkeys_words)})(?:[_-]{tail})?"
        rf"|(?:{any_of(_devkeys_databases)})[_-]?ur[il]s?{tail})"
    )
    close = "[\"'`\\\\]*[])}]*[ \t]*"
    quotes = '[ \t\n\\\\"@]*'
    value = (
        '(?:[^]=~>) \t\n"$`(;|&<\\\\-]|["\\\\][]=~>)(;|&<-]|[$][^a-z_{( \t\n]|[\\\\][$]'
        "|[=~][a-z0-9]|[$][a-z_][a-z0-9_.:]*[^] \t\n\"';|&)}a-z0-9_.:]"
        "|[$][{][^}]*[}][^] \t\n\"';|&)}])"
    )
    setting = "(?:^|[^a-z0-9_])(?:set[a-z-]*|put|add|new-[a-z]+)"
    lower = (
        # NAME=value, NAME: value, "name": "value"; f("NAME", "value")
        rf"{names}(?:{close}(?:[+?:]?=|:){quotes}(?:{value}|-)"
        r"|[\"'][ \t]*,[ \t]*[\"'])",
        # set NAME value, --token value
        rf"(?:(?:{setting}(?:[ \t].*)?|(?:^|[^a-z0-9_-])-{tail}){names}"
        rf"|(?:^|[^a-z0-9_-])-(?:{any_of(_devkeys_words)})(?:[_-]{tail})?)"
        rf"[\"']?[ \t](?:[ \t]*-value[ \t])?{quotes}{value}",
        # Authorization: ..., Bearer ...
        r"authorization|bearer[ \t]|cookie:",
        # scheme://user:password@host, scheme://token@host
        r"://[^/ \t\n\"'<>]*@",
        # alter user ana password '...', identified by '...'; a .netrc
        r"(?:password|identified[ \t]+by)[ \t]+[\\\"]*'|securestring[ \t]"
        r"|machine[ \t].*password[ \t]",
        # mysql -p..., docker login -p ..., curl -u user:password, vault kv put path name=value
        rf"(?:^|[^a-z0-9_.-])(?:(?:{any_of(_devkeys_programs)})[a-z0-9_.-]*[ \t]"
        rf"|(?:{any_of(_devkeys_logins)})(?:[.]exe)?[ \t].*(?:login|upload|auth|unlock|unseal)"
        rf"|(?:{any_of(_devkeys_clients)})(?:[.]exe)?[ \t](?:.*[ \t\n])?"
        r"-(?:-[a-z-]*user|-auth|[a-z]*[ua])"
        rf"|(?:{any_of(_devkeys_keepers)})(?:[.]exe)?[ \t].*(?:secret|=|-value))",
        # ... | devkeys set NAME, devkeys set NAME <<< ..., ... --password-stdin
        rf"[|](?:[^|]*[^a-z0-9_-])?(?:{any_of(_devkeys_sinks)})(?:[^a-z0-9_-]|$)"
        rf"|(?:{any_of(_devkeys_sinks)})[ \t].*<[<(]|-(?:stdin|fd|with-token)(?:[^a-z0-9-]|$)",
    )
    # No letter and no digit stands before a key, but those of an escape such as `\n` may.
    border = (
        r"(?:^|[^A-Za-z0-9]|\\[nrt]|[0-9]m|%[0-9A-Fa-f][0-9A-Fa-f]|\\[ux][0-9A-Fa-f]+)"
    )
    _devkeys_patterns.update(
        {
            "on purpose": re.compile(
                r"\s*(?:var |\$)?DEVKEYS_HOOK *= *['\"]?off['\"]?(?:[ ;]|$)"
            ),
            "lower": [re.compile(pattern, re.DOTALL) for pattern in lower],
            "format": re.compile(rf"{border}(?:{prefixes})[A-Za-z0-9_./+=-]{{10}}"),
            "setting": re.compile(setting + "[ \t]"),
            "given": re.compile(r"([A-Za-z_][A-Za-z0-9_]*)[\"'`\\]*[])}]*[ \t]*(?:[+?:]?=|:)"),
            "name": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
        }
    )


# --- what devkeys wrote down for shells -----------------------------------------------------


def _devkeys_state():
    """Return the directory of what devkeys remembers on this machine, or None."""
    import os
    import sys

    from xonsh.built_ins import XSH

    home = _devkeys_home()
    if sys.platform == "win32":
        base = XSH.env.get("LOCALAPPDATA") or ""
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Application Support")
    else:
        base = str(XSH.env.get("XDG_STATE_HOME") or "")
        if not base.startswith("/"):
            base = os.path.join(home, ".local", "state")
    return os.path.join(base, "devkeys") if os.path.isabs(base) else None


def _devkeys_home():
    import os

    from xonsh.built_ins import XSH

    return str(XSH.env.get("HOME") or os.path.expanduser("~"))


def _devkeys_read(path, most):
    """Return the first bytes of an ordinary file as text; nothing if it cannot be read."""
    import os
    import stat

    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return ""
        with open(path, "rb") as file:
            return os.fsdecode(file.read(most))
    except (OSError, ValueError):
        return ""


def _devkeys_index():
    import os

    state = _devkeys_state()
    text = _devkeys_read(os.path.join(state, "shell-index"), 1 << 24) if state else ""
    return text if text.startswith("devkeys-index 1 ") else ""


def _devkeys_is_declared(names):
    index = _devkeys_index()
    return index != "" and any(f"\nname {name}\n" in index for name in set(names))


# --- a word at cd ---------------------------------------------------------------------------


def _devkeys_word():
    """Say once that this checkout lacks secrets."""
    import os

    try:
        here = os.getcwd()
        if here == _devkeys_now["directory"] or _devkeys_is_off():
            return
        if _devkeys_now["directory"] is None:
            _devkeys_compare()
        _devkeys_now["directory"] = here
        checkout = _devkeys_checkout(here)
        if checkout is None or "\n" in checkout:
            return
        count, line = _devkeys_lack(checkout)
        if line and _devkeys_says_first(f"{count} {checkout}"):
            _devkeys_tell(line)
    except Exception:
        pass  # a word, and nothing that anybody waits for


def _devkeys_compare():
    """Say that this hook is not of the devkeys that wrote the index: after an upgrade."""
    version = _devkeys_index().partition("\n")[0].removeprefix("devkeys-index 1 ")
    if version.replace(".", "").isalnum() and version != _devkeys_version:
        text = f"devkeys: this hook is of {_devkeys_version}, devkeys is {version}"
        _devkeys_tell(f"{text} (devkeys hook install)")


def _devkeys_checkout(here):
    """Return the nearest directory with .env.example, inside of the repository and of HOME."""
    import os

    home = os.path.realpath(_devkeys_home())
    while not os.path.lexists(os.path.join(here, ".env.example")):
        above = os.path.dirname(here)
        if here in (home, above) or os.path.lexists(os.path.join(here, ".git")):
            return None
        here = above
    return here


def _devkeys_lack(checkout):
    """Return how many secrets are missing of how many, and the line that says so, if any."""
    import os

    for line in _devkeys_index().split("\n"):
        if line.startswith("checkout ") and line.split(" ", 3)[3:] == [checkout]:
            missing, wanted = line.split(" ", 3)[1:3]
            if missing == "0" or not (missing + wanted).isdigit():
                return "", ""
            text = f"devkeys: {missing} of {wanted} secrets missing (devkeys init)"
            return f"{missing} {wanted}", text
    text = _devkeys_read(os.path.join(checkout, ".env.example"), 1 << 18)
    for line in text.split("\n", 500)[:500]:
        name, sign, _ = line.strip().partition("=")
        name = name[7:].strip() if name.startswith("export ") else name.strip()
        if sign and name.isidentifier() and name.isascii():
            if any(part in name.lower() for part in _devkeys_parts.split()):
                return "? ?", "devkeys: .env.example asks for secrets (devkeys init)"
    return "", ""


def _devkeys_says_first(line):
    """Note down that line was said; False if it was before, in any terminal."""
    import os

    state = _devkeys_state()
    path = os.path.join(state, "shell-said") if state else ""
    said = _devkeys_read(path, 1 << 24).split("\n")
    if line in said or line in _devkeys_now["said"]:
        return False
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise OSError
        # Where devkeys has no directory it is not for a shell to make one.
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(os.fsencode(line + "\n"))
    except OSError:
        _devkeys_now["said"].add(line)
    return True


# --- completion -----------------------------------------------------------------------------


def _devkeys_complete():
    """Have devkeys itself say what can follow; xonsh loads its completers at the first Tab."""
    from xonsh.built_ins import XSH

    completer = getattr(XSH.shell.shell, "completer", None)
    if completer is None:
        return
    complete = completer.complete_from_context

    def _devkeys_first_time(*words, **more):
        from xonsh.completers.completer import add_one_completer
        from xonsh.completers.tools import contextual_command_completer_for

        completer.complete_from_context = complete
        if "devkeys" not in XSH.completers:
            own = contextual_command_completer_for("devkeys")(_devkeys_words_after)
            add_one_completer("devkeys", own, "start")
        return complete(*words, **more)

    completer.complete_from_context = _devkeys_first_time


_devkeys_answers = {}  # of the last seconds: some complete at each key


def _devkeys_words_after(command):
    """Complete words of devkeys."""
    import time

    from xonsh.completers.tools import RichCompletion

    before = tuple(word.value for word in command.args[1 : command.arg_index])
    asked = (before, command.prefix[:1] == "-")
    when, answers = _devkeys_answers.get(asked, (0, ()))
    if time.monotonic() - when > 3:
        answers = _devkeys_ask_for_words(*asked)
        _devkeys_answers.clear()
        _devkeys_answers[asked] = time.monotonic(), answers
    found = [pair for pair in answers if pair[0].startswith(command.prefix)]
    return {RichCompletion(w, description=d, append_space=True) for w, d in found} or None


def _devkeys_ask_for_words(before, option):
    import shlex
    import subprocess

    from xonsh.built_ins import XSH

    start = "-" if option else ""
    line = " ".join(map(shlex.quote, ("devkeys", *before))) + " " + start
    environ = {
        **XSH.env.detype(),
        "_DEVKEYS_COMPLETE": "complete_powershell",  # the one with a mark in every line
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_WORD_TO_COMPLETE": start,
    }
    try:
        done = subprocess.run(
            [_devkeys_program()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environ,
            timeout=5,
        )
    except (Exception, KeyboardInterrupt):
        return []
    lines = [row.partition(":::") for row in done.stdout.decode("utf-8", "replace").splitlines()]
    return [(word, what.strip()) for word, mark, what in lines if mark and word.isprintable()]


# --- loading --------------------------------------------------------------------------------


def _devkeys_load(names):
    """Move all of this out of the user's namespace: a `list = ...` at the prompt is not ours."""
    import sys
    import types

    module = types.ModuleType("_devkeys")
    own = {name: names.pop(name) for name in list(names) if name.startswith("_devkeys_")}
    for name, thing in own.items():
        if isinstance(thing, types.FunctionType):
            thing = types.FunctionType(thing.__code__, vars(module), name)
        setattr(module, name, thing)
    if "_devkeys" not in sys.modules:
        sys.modules["_devkeys"] = module
        module._devkeys_start()


_devkeys_load(locals())
