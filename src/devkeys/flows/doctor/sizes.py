"""How many bytes something has, for a person."""


def size(count: int) -> str:
    """Return *count* bytes as `12 kB` or `1.4 GB`."""
    number, units = float(count), ["bytes", "kB", "MB", "GB", "TB"]
    while number >= 999.5 and len(units) > 1:
        number /= 1000
        del units[0]
    digits = 1 if number < 9.95 and units[0] != "bytes" else 0
    return f"{number:.{digits}f} {units[0]}"
