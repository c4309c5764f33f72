"""Which values doctor searches for, and which it names instead."""

import os
from pathlib import Path

import pytest
from desk import Desk, key, make_desk

from devkeys.flows.doctor import held, knowing, scope
from devkeys.flows.doctor.knowing import Knowledge
from devkeys.flows.doctor.scope import Scope
from devkeys.flows.here import Here
from devkeys.project import find
from devkeys.secret import Secret
from devkeys.session import Session

DECLARATION = "LLM_API_KEY=\nDATABASE_URL=\nMODEL=small\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a user with a project that is allowed."""
    desk = make_desk(tmp_path, DECLARATION)
    assert desk.devkeys("allow", "--yes").code == 0
    return desk


def asked(desk: Desk, *names: str, **environ: str) -> Scope:
    """Return a look at the desk's project."""
    session = Session({**desk.environ, **environ})
    checkout = find.locate(str(desk.project), session.home)
    assert checkout is not None
    here = Here(session, checkout, "dev", None)
    sources = frozenset((scope.HISTORIES,))
    return Scope(session, here, str(desk.project), sources, (), None, frozenset(names))


def store(desk: Desk, name: str, value: str, *words: str) -> None:
    """Store *value* for *name*."""
    assert desk.devkeys("set", name, *words, input=value.encode()).code == 0


def labels(knowledge: Knowledge) -> dict[str, str]:
    """Return what is searched for, by label, revealed."""
    return {one.label: one.value.reveal().decode() for one in knowledge.known if not one.part}


def test_stored_secrets_are_known(desk: Desk) -> None:
    """Each secret of the store is searched for, of this project by its name alone."""
    value = key()
    store(desk, "LLM_API_KEY", value)

    assert labels(knowing.gather(asked(desk))) == {"LLM_API_KEY": value}


def test_other_profiles_are_named_with_their_place(desk: Desk) -> None:
    """What belongs to another profile says so."""
    value = key()
    store(desk, "LLM_API_KEY", value, "-p", "prod")

    assert labels(knowing.gather(asked(desk))) == {"LLM_API_KEY (chat, prod)": value}


def test_earlier_values_are_known(desk: Desk) -> None:
    """A value that was replaced is searched for under a label of its own."""
    first, second = key(), key()
    store(desk, "LLM_API_KEY", first)
    store(desk, "LLM_API_KEY", second)

    assert labels(knowing.gather(asked(desk))) == {
        "LLM_API_KEY": second,
        "LLM_API_KEY (an earlier value)": first,
    }


def test_settings_are_not_searched_for(desk: Desk) -> None:
    """A public setting stands in many files, and is no leak there."""
    assert desk.devkeys("set", "MODEL=a-large-language-model-7b").code == 0

    assert not knowing.gather(asked(desk)).known


def test_one_value_of_two_names_is_one(desk: Desk) -> None:
    """The same value is searched for once, and tells all its names."""
    value = key()
    store(desk, "LLM_API_KEY", value)
    store(desk, "LLM_API_KEY", value, "-p", "prod")

    assert labels(knowing.gather(asked(desk))) == {"LLM_API_KEY = LLM_API_KEY (chat, prod)": value}


def test_the_password_of_an_address_is_searched_for_too(desk: Desk) -> None:
    """Of a URL the password alone is a part that leaks."""
    password = key()
    store(desk, "DATABASE_URL", f"postgres://app:{password}@db.example.com/app")
    parts = {one.part: one.value.reveal().decode() for one in knowing.gather(asked(desk)).known}

    assert parts[knowing.PASSWORD] == password


def test_short_and_common_values_are_named(desk: Desk) -> None:
    """What cannot be searched for is told by name."""
    store(desk, "LLM_API_KEY", "k3y-7_x")
    store(desk, "DATABASE_URL", "localhost:5432")
    found = knowing.gather(asked(desk))

    assert (found.short, found.common) == (("LLM_API_KEY",), ("DATABASE_URL",))
    assert not found.known


def test_a_common_value_that_was_asked_for_is_searched_for(desk: Desk) -> None:
    """Whoever names a secret gets it searched for, however common its value is."""
    store(desk, "DATABASE_URL", "localhost:5432")

    assert labels(knowing.gather(asked(desk, "DATABASE_URL"))) == {"DATABASE_URL": "localhost:5432"}


def test_a_name_without_a_value_is_said(desk: Desk) -> None:
    """A name of which no value is known here was asked for in vain."""
    found = knowing.gather(asked(desk, "OTHER_KEY"))

    assert [(one.place, one.failed) for one in found.unseen] == [("OTHER_KEY", True)]


def test_values_of_a_dotenv_are_known(desk: Desk) -> None:
    """What lies in `.env` unstored is searched for, but no placeholder and no setting."""
    value = key()
    text = f"LLM_API_KEY={value}\nDATABASE_URL=changeme\nMODEL=big\n"
    (desk.project / ".env").write_text(text)

    assert labels(knowing.gather(asked(desk))) == {"LLM_API_KEY": value}


def test_a_dotenv_with_another_value_says_so(desk: Desk) -> None:
    """Of two values of one name the label tells which is which; of the same value there is one."""
    stored, other = key(), key()
    store(desk, "LLM_API_KEY", stored)
    (desk.project / ".env").write_text(f"LLM_API_KEY={other}\n")
    (desk.project / ".env.local").write_text(f"LLM_API_KEY={stored}\n")

    assert labels(knowing.gather(asked(desk))) == {
        "LLM_API_KEY": stored,
        "LLM_API_KEY (.env)": other,
    }


def test_a_fifo_dotenv_is_left_alone(desk: Desk) -> None:
    """A FIFO that a password manager made is neither read nor waited for."""
    os.mkfifo(desk.project / ".env")

    assert not knowing.gather(asked(desk)).known


def test_more_dotenvs_than_are_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many are left out is said."""
    monkeypatch.setattr(held, "_MOST", 2)
    for number in range(5):
        (desk.project / f".env.p{number}").write_text(f"A{number}_KEY={key()}\n")
    found = knowing.gather(asked(desk))

    assert len(found.known) == 2
    assert [(one.place, one.number) for one in found.unseen] == [(str(desk.project), 3)]


def test_more_values_in_dotenvs_than_are_searched_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many are left out is said; a stored one is none of them."""
    monkeypatch.setattr(held, "_MOST_VALUES", 3)
    store(desk, "LLM_API_KEY", key())
    (desk.project / ".env").write_text("".join(f"A{n}_KEY={key()}\n" for n in range(5)))
    found = knowing.gather(asked(desk))

    assert len(found.known) == 4
    assert [(one.place, one.number) for one in found.unseen] == [(str(desk.project), 2)]


def test_a_broken_dotenv_is_said(desk: Desk) -> None:
    """What cannot be understood is named, without a word of what stands in it."""
    value = key()
    (desk.project / ".env").write_bytes(b'LLM_API_KEY="' + value.encode() + b"\n\xff\xfe\n")
    found = knowing.gather(asked(desk))

    assert [os.path.basename(one.place) for one in found.unseen] == [".env"]
    assert value not in str(found.unseen)


def test_exported_secrets_are_known(desk: Desk) -> None:
    """A declared secret that stands in the environment is searched for."""
    value = key()

    assert labels(knowing.gather(asked(desk, LLM_API_KEY=value))) == {"LLM_API_KEY": value}


def test_a_given_value_is_the_only_one(desk: Desk) -> None:
    """With a given value nothing else is searched for, and no store is opened."""
    store(desk, "LLM_API_KEY", key())
    value = key()

    assert labels(knowing.gather(asked(desk), Secret(value.encode()))) == {knowing.GIVEN: value}


def test_a_store_that_cannot_be_opened_is_said(desk: Desk) -> None:
    """Without its key the store's values are not searched for, which is no silent loss."""
    store(desk, "LLM_API_KEY", key())
    (desk.home / ".local/share/devkeys/identity").unlink()
    found = knowing.gather(asked(desk))

    assert [one.failed for one in found.unseen] == [True]


def test_a_published_value_outside_of_development_is_said(desk: Desk) -> None:
    """A default that everybody knows is told of in `prod`, and is what `dev` is for."""
    for profile in ("prod", "dev"):
        store(desk, "LLM_API_KEY", "changeme", "-p", profile)
    (one,) = knowing.gather(asked(desk)).findings

    assert one.secrets == ("LLM_API_KEY (prod)",)
    assert "-p prod" in one.step


def test_a_line_of_a_private_key_is_searched_for(desk: Desk) -> None:
    """A key in a diff has a sign before each line: one of its lines is enough to know it."""
    body = [key()[3:] + key()[3:27] for _ in range(6)]
    mark = "PRIVATE" + " KEY-----"
    store(desk, "LLM_API_KEY", "\n".join([f"-----BEGIN {mark}", *body, f"-----END {mark}"]))
    known = knowing.gather(asked(desk)).known

    assert [one.value.reveal().decode() in body for one in known] == [False, True]
    assert [one.part for one in known] == ["", knowing.LINE]


def test_a_dotenv_outside_is_none_of_the_checkout(desk: Desk) -> None:
    """A link out of the checkout is not followed for its values."""
    other = desk.home / "other.env"
    other.write_text(f"LLM_API_KEY={key()}\n")
    (desk.project / ".env").symlink_to(other)

    assert not knowing.gather(asked(desk)).known
