"""What Python itself makes of the cases: JSON on stdin, JSON on stdout."""
import base64
import csv
import datetime
import decimal
import fnmatch
import io
import json
import shlex
import sys

QUOTING = {
    "all": csv.QUOTE_ALL,
    "minimal": csv.QUOTE_MINIMAL,
    "none": csv.QUOTE_NONE,
    "nonnumeric": csv.QUOTE_NONNUMERIC,
}


def value(cell):
    kind, text = cell
    return {
        "none": lambda: None,
        "bool": lambda: text == "true",
        "int": lambda: int(text),
        "float": lambda: float(text),
        "decimal": lambda: decimal.Decimal(text),
        "bytes": lambda: base64.b64decode(text),
        "datetime": lambda: datetime.datetime.fromisoformat(text),
        "str": lambda: text,
    }[kind]()


def options(fmt):
    given = {k: fmt[k] for k in ("delimiter", "quotechar", "escapechar", "doublequote") if k in fmt}
    return dict(given, quoting=QUOTING[fmt.get("quoting", "minimal")])


def write(case):
    out = io.StringIO(newline="")
    writer = csv.writer(out, dialect=case["format"]["dialect"], **options(case["format"]))
    writer.writerows([[value(cell) for cell in row] for row in case["rows"]])
    return out.getvalue()


def read(case):
    return list(csv.reader(io.StringIO(case["text"], newline=""), strict=False, **options(case["format"])))


ANSWERS = {
    "write": write,
    "read": read,
    "split": lambda case: shlex.split(case["text"]),
    "quote": lambda case: shlex.quote(case["text"]),
    "fnmatch": lambda case: fnmatch.fnmatchcase(case["text"], case["pattern"]),
}


def answer(case):
    try:
        return {"value": ANSWERS[case["ask"]](case)}
    except Exception as err:
        return {"error": str(err)}


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
