"""Renders templates with the real Jinja2: a line of JSON in, a line of JSON out."""
import json
import os
import resource
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import jinja2  # noqa: E402
from record import TEMPLATES, context  # noqa: E402


class Slow(BaseException):
    pass


def slow(*_):
    raise Slow


signal.signal(signal.SIGALRM, slow)
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))


def outcome(case):
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        options = case.get("options", {})
        env = jinja2.Environment(
            loader=jinja2.DictLoader({**TEMPLATES, **case.get("templates", {})}),
            trim_blocks=options.get("trimBlocks", False),
            lstrip_blocks=options.get("lstripBlocks", False),
            keep_trailing_newline=options.get("keepTrailingNewline", False),
            autoescape=options.get("autoescape", False),
            cache_size=0 if case.get("templates") else 50,
        )
        text = env.from_string(case["template"]).render(context())
        text.encode()
        return {"text": text}
    except (Slow, MemoryError, RecursionError):
        return {"slow": True}
    except Exception as e:  # noqa: BLE001
        text = e.message if isinstance(e, jinja2.exceptions.TemplateError) else str(e)
        return {"error": str(text or str(e)), "type": type(e).__name__}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


sys.setrecursionlimit(600)
for line in sys.stdin:
    answers = []
    for case in json.loads(line):
        try:
            answers.append(outcome(case))
        except (Slow, MemoryError):
            answers.append({"slow": True})
    print(json.dumps(answers), flush=True)
