"""Taking what was stored out of the file, and nothing else."""

import os
import subprocess
from pathlib import Path

import pytest
import real
from desk import Desk, key
from small_disk import fill, small_disk


def remove(desk: Desk, text: str) -> str:
    """Write `.env`, import it with --remove, and return what was said."""
    (desk.project / ".env").write_bytes(text.encode())
    return remove_again(desk)


def remove_again(desk: Desk) -> str:
    """Import `.env` with --remove."""
    done = desk.devkeys("import", ".env", "--yes", "--remove")
    assert done.code == 0, done.err
    return done.err


def left(desk: Desk) -> str | None:
    """Return what is left in `.env`; None if it is gone."""
    path = desk.project / ".env"
    return path.read_bytes().decode() if path.exists() else None


def test_only_the_moved_lines_go(desk: Desk) -> None:
    """Comments, blank lines, CR LF and what was not stored stay byte for byte."""
    said = remove(
        desk,
        f"# mine\r\n\r\nexport LLM_API_KEY='{key()}' # why\r\nPORT=3000\r\n"
        f'DB_PASSWORD="{key()}\r\n{key()}"\r\n\r\nLEFT',
    )
    assert left(desk) == "# mine\r\n\r\nPORT=3000\r\n\r\nLEFT"
    assert "took 2 values out of" in said
    assert "committed has to be replaced" in said


def test_the_mode_stays(desk: Desk) -> None:
    """A file that others may read is mentioned, and its mode is the user's affair."""
    path = desk.project / ".env"
    path.write_text(f"LLM_API_KEY={key()}\n# note\n")
    path.chmod(0o644)
    assert "can be read by other users" in remove_again(desk)
    assert path.stat().st_mode & 0o777 == 0o644
    path.write_text(f"DB_PASSWORD={key()}\n# note\n")
    path.chmod(0o600)
    assert "can be read by other users" not in remove_again(desk)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_says_nothing_more_is_removed(desk: Desk) -> None:
    """What is left stands in `.env.example` too: defaults, placeholders, comments, no value."""
    said = remove(desk, f"# The model's key\nLLM_API_KEY={key()}\nMAIL_TOKEN=\n\nPORT=3000\n")
    assert left(desk) is None
    assert "nothing is left in it" in said


def test_a_comment_of_the_user_s_own_keeps_the_file(desk: Desk) -> None:
    """It stands nowhere else."""
    remove(desk, f"LLM_API_KEY={key()}\n# ask Ada for the other one\n")
    assert left(desk) == "# ask Ada for the other one\n"


def test_a_value_behind_a_comment_sign_is_mentioned(desk: Desk) -> None:
    """An old key that was only commented out is still a key."""
    said = remove(desk, f"LLM_API_KEY={key()}\n\n#LLM_API_KEY={key()}\n")
    assert "commented out, line 2" in said


def test_without_remove_the_file_stays(desk: Desk) -> None:
    """--yes answers no question that destroys something."""
    text = f"LLM_API_KEY={key()}\n"
    (desk.project / ".env").write_text(text)
    done = desk.devkeys("import", ".env", "--yes")
    assert done.code == 0
    assert "devkeys import .env --remove takes them out" in done.err
    assert left(desk) == text


@pytest.mark.needs_root
def test_a_full_disk_takes_nothing_out_of_the_file(desk: Desk, tmp_path: Path) -> None:
    """What could not be stored stays where it was."""
    text = f"LLM_API_KEY={key()}\n"
    (desk.project / ".env").write_text(text)
    with small_disk(str(tmp_path / "disk")) as disk:
        env = {"XDG_DATA_HOME": disk}
        desk.devkeys("allow", "--yes", env=env)
        fill(disk)
        done = desk.devkeys("import", ".env", "--yes", "--remove", env=env)
    assert done.code == 3
    assert "no space left on device" in done.err
    assert left(desk) == text


def test_a_value_that_lost_to_a_stored_one_stays(desk: Desk) -> None:
    """It is nowhere else."""
    remove(desk, f"LLM_API_KEY={key()}\n")
    text = f"LLM_API_KEY={key()}\n"
    remove(desk, text)
    assert left(desk) == text


def test_a_name_with_two_values_stays(desk: Desk) -> None:
    """The earlier value would be lost."""
    text = f"LLM_API_KEY={key()}\nLLM_API_KEY={key()}\n"
    said = remove(desk, f"DB_PASSWORD={key()}\n{text}")
    assert left(desk) == text
    assert "LLM_API_KEY stand twice" in said


def test_a_name_that_stands_twice_with_one_value_goes(desk: Desk) -> None:
    """Nothing is lost by that."""
    line = f"LLM_API_KEY={key()}\n"
    remove(desk, line * 2)
    assert left(desk) is None


def test_a_symbolic_link_is_read_and_neither_followed_nor_replaced(desk: Desk) -> None:
    """Where it leads may be another program's file."""
    target = desk.project.parent / "values"
    text = f"LLM_API_KEY={key()}\n"
    target.write_text(text)
    (desk.project / ".env").symlink_to(target)
    said = remove_again(desk)
    assert "symbolic link" in said
    assert target.read_text() == text
    assert (desk.project / ".env").is_symlink()
    assert desk.devkeys("run", "--only", "LLM_API_KEY", "--", "true").code == 0


def test_a_tracked_file_is_left_alone(desk: Desk) -> None:
    """Its history holds the values anyway, which is said with what to do."""
    real.need("git")
    text = f"LLM_API_KEY={key()}\n"
    (desk.project / ".env").write_text(text)
    for words in (["init", "-q"], ["add", ".env"]):
        subprocess.run(["git", *words], cwd=desk.project, check=True, env=desk.environ)
    said = remove_again(desk)
    assert "git rm --cached .env" in said
    assert left(desk) == text


def test_a_hard_link_is_mentioned(desk: Desk) -> None:
    """The other name would keep the values."""
    (desk.project / ".env").write_text(f"LLM_API_KEY={key()}\n")
    os.link(desk.project / ".env", desk.project / "copy")
    assert "hard link" in remove_again(desk)
    assert left(desk) is not None


def test_compose_keeps_its_names(desk: Desk) -> None:
    """A name without `=` is taken from the environment that compose is started in."""
    (desk.project / "compose.yaml").write_text("services: {web: {env_file: .env}}\n")
    said = remove(desk, f"LLM_API_KEY={key()}\nDB_PASSWORD={key()}\n")
    assert left(desk) == "LLM_API_KEY\nDB_PASSWORD\n"
    assert "devkeys run -- docker compose up" in said


def test_a_broken_compose_file_counts_as_one_that_reads_it(desk: Desk) -> None:
    """And that is said."""
    (desk.project / "docker-compose.yml").write_text("services: [env_file: .env\n")
    said = remove(desk, f"LLM_API_KEY={key()}\n")
    assert left(desk) == "LLM_API_KEY\n"
    assert "could not be understood" in said


def test_bare_names_are_no_values_the_next_time(desk: Desk) -> None:
    """A second import of what is left changes nothing."""
    (desk.project / "compose.yaml").write_text("services: {web: {env_file: .env}}\n")
    remove(desk, f"LLM_API_KEY={key()}\n")
    assert "stored" not in remove_again(desk)
    assert left(desk) == "LLM_API_KEY\n"


def test_a_file_that_changed_meanwhile_is_left_alone(desk: Desk) -> None:
    """An editor that saved between reading and writing does not lose its line."""
    path = desk.project / ".env"
    path.write_text(f"LLM_API_KEY={key()}\n")
    child = desk.at_terminal("import", ".env")
    child.expect("Allow it")
    child.sendline("y")
    child.expect("Take what is stored now out of")
    path.write_text("DB_PASSWORD=new\n")
    child.sendline("y")
    child.expect("changed meanwhile")
    child.read()
    child.wait()
    assert left(desk) == "DB_PASSWORD=new\n"


def test_no_temporary_file_stays(desk: Desk) -> None:
    """Only the file itself is there afterwards."""
    remove(desk, f"LLM_API_KEY={key()}\n# note\n")
    assert sorted(path.name for path in Path(desk.project).iterdir()) == [".env", ".env.example"]
