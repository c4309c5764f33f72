"""`.dockerignore` and `COPY`, as moby reads them."""

import pytest

from devkeys.flows.doctor.packing.dockerignore import copies, ignores


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("", ".env", False),
        (".env", ".env", True),
        (".env", "web/.env", False),  # anchored at the top, other than in a .gitignore
        ("**/.env", "web/.env", True),
        ("**/.env", ".env", True),
        ("*.env", "web/.env", False),
        ("*/.env", "web/.env", True),
        ("*/.env", "a/b/.env", False),
        ("web", "web/.env", True),
        ("/web/", "web/.env", True),
        ("./.env", ".env", True),
        ("a/../.env", ".env", True),
        ("*", ".env", True),
        ("*\n!.env", ".env", False),
        ("!.env\n*", ".env", True),  # the last one that matches decides
        ("web\n!web/.env", "web/.env", False),
        ("**\n!web", "web/.env", False),
        (".env*\n!.env.example", ".env.local", True),
        (".en?", ".env", True),
        (".en[a-v]", ".env", True),
        (".en[^a-v]", ".env", False),
        (r"\.env", ".env", True),
        ("#.env", ".env", False),
        ("  .env  ", ".env", True),
        ("\ufeff.env", ".env", True),
        ("! .env\n.env\n! .env", ".env", False),
        ("web/**", "web/a/.env", True),
        ("**/web/**/.env", "x/web/a/b/.env", True),
        (".", ".env", False),
        (".ENV", ".env", False),
        ("[", ".env", False),
    ],
)
def test_the_last_pattern_that_matches_decides(text: str, path: str, *, expected: bool) -> None:
    """Patterns begin at the top of the context, and match a directory with all that is in it."""
    assert ignores(text, path) is expected


@pytest.mark.parametrize(
    ("dockerfile", "path", "expected"),
    [
        ("FROM x\nCOPY . .", "web/.env", True),
        ("FROM x\ncopy ./ /app/", ".env", True),
        ("FROM x\nADD . /app", ".env", True),
        ('COPY ["./", "/app"]', ".env", True),
        ("COPY --chown=a:b . .", ".env", True),
        ("COPY --from=build . .", ".env", False),
        ("COPY --from=build /a /b\nCOPY package.json ./", ".env", False),
        ("COPY .env .", ".env", True),
        ("COPY .env .", "web/.env", False),
        ("COPY web /web", "web/a/.env", True),
        ("COPY web* /web", "webapp/.env", True),
        ("COPY package*.json ./", ".env", False),
        ("COPY a b web \\\n  /app", "web/.env", True),
        ("# COPY . .", ".env", False),
        ("ONBUILD COPY . .", ".env", True),
        ("ADD https://example.invalid/.env .", ".env", False),
        ("COPY <<EOF /a\nCOPY . .\nEOF\n", ".env", False),
        ("RUN cp . .", ".env", False),
        ("COPY $SRC .", ".env", False),
        ("COPY ../ .", ".env", True),
    ],
)
def test_what_is_copied_out_of_the_context(dockerfile: str, path: str, *, expected: bool) -> None:
    """Directories with all that is in them, wildcards, both ways of writing, no other stage."""
    assert copies(dockerfile, path) is expected


def test_a_pattern_that_was_made_to_take_long_takes_no_time() -> None:
    """A repository's pattern cannot hold doctor up, as a regular expression would for years."""
    patterns = ("**/a" * 70 + "b", "*a" * 140 + "b", "*" * 290 + "x", "**/*" * 70 + "x")
    assert not ignores("\n".join(patterns), "a/" * 60 + "a" * 200)
