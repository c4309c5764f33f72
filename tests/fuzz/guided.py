"""One target under atheris, guided by coverage: `guided.py TARGET CORPUS FAULTS OPTION...`.

A process of its own, started by `run.py`: libFuzzer ends it. What breaks the law is kept in the
directory FAULTS, one file for each place in the code, and the search goes on.
"""

import hashlib
import os
import random
import sys
import tempfile
import traceback

import atheris  # type: ignore[import-untyped]  # it has no types

with atheris.instrument_imports(include=["devkeys"]):
    from fuzz import mutations
    from fuzz.law import Subject, check
    from fuzz.table import TARGETS

OPTIONS = ("-max_len=8192", "-timeout=30", "-rss_limit_mb=3000", "-print_final_stats=1")


def main(name: str, corpus: str, faults: str, *options: str) -> None:
    """Fuzz the target *name* until libFuzzer's *options* say that it is enough."""
    with tempfile.TemporaryDirectory(dir=_in_memory()) as directory:
        subject = TARGETS[name](directory)
        for number, seed in enumerate(subject.seeds):
            with open(os.path.join(corpus, f"seed-{number}"), "wb") as file:
                file.write(seed)

        def one_input(data: bytes) -> None:
            try:
                check(subject, data)
            except Exception as fault:  # noqa: BLE001  # any of them breaks the law
                _keep(faults, name, data, fault)
            except BaseException as fault:
                if isinstance(fault, KeyboardInterrupt | SystemExit):
                    raise
                _keep(faults, name, data, fault)  # a panic of Rust code

        def mutator(data: bytes, max_size: int, seed: int) -> bytes:
            return _mutated(subject, data, max_size, seed)

        arguments = [sys.argv[0], *OPTIONS, f"-artifact_prefix={faults}/{name}-", *options, corpus]
        atheris.Setup(arguments, one_input, custom_mutator=mutator)
        atheris.Fuzz()


def _in_memory() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  # a directory in it


def _mutated(subject: Subject, data: bytes, max_size: int, seed: int) -> bytes:
    """Damage *data* as a person or a disk does, or as libFuzzer does, which knows the coverage."""
    choice = random.Random(seed)  # noqa: S311  # to be repeated
    if choice.random() < 0.5:
        return bytes(atheris.Mutate(data, max_size))
    return mutations.mutate(data, subject.seeds, choice.randrange)[:max_size]


def _keep(faults: str, name: str, data: bytes, fault: BaseException) -> None:
    frames = traceback.extract_tb(fault.__traceback__)[-2:]
    place = repr([type(fault).__name__, *((frame.filename, frame.lineno) for frame in frames)])
    digest = hashlib.sha256(place.encode()).hexdigest()[:12]
    path = os.path.join(faults, f"{name}-{digest}")
    if os.path.exists(path):
        return
    with open(path, "wb") as file:
        file.write(data)
    told = "".join(traceback.format_exception(fault, limit=-6))
    sys.stderr.write(f"\nFAULT {path}\n{told[-4000:]}\n{data[:300]!r}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
