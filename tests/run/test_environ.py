"""What the child inherits."""

import pytest

from devkeys.errors import DevkeysError
from devkeys.run.environ import STRING_LIMIT, check_total, check_values
from devkeys.run.inherited import clean, matches


def test_clean_keeps_what_programs_need() -> None:
    """--clean keeps the path, the terminal, the agent and the proxies, and declared names."""
    environ = {
        "PATH": "/bin",
        "LC_ALL": "C",
        "https_proxy": "http://proxy.invalid",
        "SSH_AUTH_SOCK": "/s",
        "DB_HOST": "h",
        "STRAY": "x",
    }

    assert clean(environ, ["DB_HOST"]) == {k: v for k, v in environ.items() if k != "STRAY"}


def test_matches_a_family() -> None:
    """A pattern that ends in a star stands for all names that begin so."""
    assert matches("AWS_PROFILE", ["VAULT_TOKEN", "AWS_*"])
    assert not matches("XAWS_PROFILE", ["AWS_*"])


def test_nul_is_refused_by_name() -> None:
    """A value with a NUL byte is refused, naming the variable and not the value."""
    with pytest.raises(DevkeysError, match="BLOB holds a NUL") as caught:
        check_values({"BLOB": "left\0right"})

    assert "left" not in str(caught.value)


def test_too_large_is_refused_by_name() -> None:
    """A string that Linux would not take is refused before exec, with a way out."""
    with pytest.raises(DevkeysError, match="KEY_JSON is too large") as caught:
        check_values({"KEY_JSON": "x" * STRING_LIMIT})

    assert "@as=file" in (caught.value.hint or "")


def test_a_mark_of_too_many_names_has_another_way_out() -> None:
    """The mark grows with the number of names, and is no declared value."""
    with pytest.raises(DevkeysError, match="DEVKEYS_RUN is too large") as caught:
        check_values({"DEVKEYS_RUN": "x" * STRING_LIMIT})

    assert caught.value.hint == "give fewer variables with --only or --scope"


def test_largest_that_fits() -> None:
    """The largest string that Linux takes is not refused."""
    check_values({"K": "x" * (STRING_LIMIT - len("K=") - 1)})


def test_total_names_the_largest() -> None:
    """Too much altogether names the largest variables."""
    environ = {f"V{number}": "x" * 100_000 for number in range(100)} | {"BIG": "y" * 120_000}

    with pytest.raises(DevkeysError, match="too large") as caught:
        check_total(environ, ["true"])

    assert "BIG" in (caught.value.hint or "")
