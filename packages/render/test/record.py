#!/usr/bin/env python3
"""Records what the real Jinja2 and dateutil make of the templates in corpus/ (needs both; the tests need neither).

    python3 test/record.py            # all groups
    python3 test/record.py filters    # some
"""
import base64
import json
import os
import posixpath
import re
import sys
import time
import uuid
from datetime import date, datetime, timedelta, timezone
from datetime import time as dtime
from decimal import Decimal
from pathlib import Path

os.environ["TZ"] = "Australia/Sydney"
time.tzset()

import warnings  # noqa: E402

warnings.simplefilter("ignore")

import dateutil  # noqa: E402
import dateutil.parser  # noqa: E402
import dateutil.relativedelta  # noqa: E402
import dateutil.rrule  # noqa: E402
import dateutil.tz  # noqa: E402
import jinja2  # noqa: E402

HERE = Path(__file__).parent
TEMPLATES = json.loads((HERE / "templates.json").read_text())


def revive(obj):
    if "$decimal" in obj:
        return Decimal(obj["$decimal"])
    if "$bytes" in obj:
        return base64.b64decode(obj["$bytes"])
    if "$set" in obj:
        return set(obj["$set"])
    if "$local" in obj:
        return datetime.fromtimestamp(obj["$local"], dateutil.tz.tzlocal())
    if "$utc" in obj:
        return datetime.fromtimestamp(obj["$utc"], timezone.utc)
    return obj


def s3_split(name):
    name = re.sub(r"^s3:(//)?", "", name)
    bucket, _, key = name.strip("/").partition("/")
    if not bucket:
        raise ValueError(f"Invalid S3 object name: {name}")
    return bucket, key.strip("/")


UTILS = {
    "timedelta": timedelta, "datetime": datetime, "date": date, "dateutil": dateutil, "time": dtime,
    "timezone": timezone, "parsedate": dateutil.parser, "s3bucket": lambda s: s3_split(s)[0],
    "s3key": lambda s: s3_split(s)[1], "uuid": uuid.uuid4, "path": posixpath, "re": re,
}


def context():
    data = json.loads((HERE / "context.json").read_text(), object_hook=revive)
    return {**data, "utils": UTILS}


def record(source, env):
    try:
        return {"template": source, "expected": env.from_string(source).render(context())}
    except Exception as e:  # noqa: BLE001
        text = e.message if isinstance(e, jinja2.exceptions.TemplateError) else str(e)
        return {"template": source, "error": text or str(e), "type": type(e).__name__}


# A group that starts with `build` has the marks of a build.
BUILD = dict(
    block_start_string="<%", block_end_string="%>", variable_start_string="<{", variable_end_string="}>",
    comment_start_string="<#", comment_end_string="#>",
)


def environment(marks):
    def own(source):
        for old, new in (("{{", "<{"), ("}}", "}>"), ("{%", "<%"), ("%}", "%>"), ("{#", "<#"), ("#}", "#>")):
            source = source.replace(old, new)
        return source

    templates = {name: own(source) for name, source in TEMPLATES.items()} if marks else TEMPLATES
    return jinja2.Environment(loader=jinja2.DictLoader(templates), **marks)


def pieces(line):
    """A line of independent expressions is a case for each; one with statements or changes is one case."""
    if "{%" in line or re.search(r"\.(append|update|pop|insert|extend|clear|sort|setdefault|reset)\(", line):
        return [line]
    return re.split(r"(?<=\}\}) (?=\{\{ )", line)


def main():
    wanted = sys.argv[1:]
    total = 0
    for path in sorted((HERE / "corpus").glob("*.txt")):
        if wanted and path.stem not in wanted:
            continue
        env = environment(BUILD if path.stem.startswith("build") else {})
        sources = [s for s in path.read_text().split("\n%%\n")]
        if sources and sources[-1].endswith("\n%%"):
            sources[-1] = sources[-1][:-3]
        if path.stem.startswith("line"):
            sources = [part for line in path.read_text().split("\n") for part in pieces(line) if part]
        cases = [record(s, env) for s in sources]
        total += len(cases)
        (HERE / "cases" / f"{path.stem}.json").write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n")
    print(total)


if __name__ == "__main__":
    main()
