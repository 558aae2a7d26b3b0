#!/usr/bin/env python3
"""Writes random templates, one a line as JSON, with what the real Jinja makes of them: fuzz.py SEED COUNT."""
import json
import random
import resource
import signal
import sys

import jinja2

from record import TEMPLATES, record

R = random.Random(int(sys.argv[1]))
NAMES = ["n", "neg", "zero", "f", "whole", "tiny", "big", "yes", "no", "nothing", "name", "empty", "text", "items",
         "words", "pairs", "map", "users", "nested", "d1", "d2", "d3", "undef", "unicode", "start", "ustart"]
STRS = ["'a'", "'Hello World'", "''", "'a,b,,c'", "'  pad '", "'%s'", "'%05.1f'", "'{:>6}'", "'x1y2'", "'3'", "'-7.5'",
        "'1e3'", "'<b>&'", "'Ünï'", "'a\\nb'", "'abcABC'"]
NUMS = ["0", "1", "2", "-3", "7", "10", "1.0", "2.5", "-0.5", "1e3", "1e-5", "12345", "0.1", "3.999", "1e17", "5"]
FILTERS = ["upper", "lower", "title", "capitalize", "trim", "length", "first", "last", "list", "sort", "reverse|list", "unique|list",
           "join", "join(',')", "join('-')", "sum", "max", "min", "abs", "int", "float", "round", "round(1)", "round(2,'floor')", "string",
           "default('d')", "default('d', true)", "e", "tojson", "pprint", "wordcount", "truncate(5)", "truncate(8, true, '..')", "center(9)",
           "replace('a','Z')", "batch(2)|list", "slice(2)|list", "map('string')|list", "map('upper')|list", "select|list",
           "reject('odd')|list", "map(attribute='name')|list", "map(attribute=0)|list", "groupby('city')|length", "dictsort",
           "items|list", "indent(2)", "urlencode", "filesizeformat", "wordwrap(6)", "striptags", "xmlattr", "sort(reverse=true)",
           "select('string')|list", "count", "forceescape", "format(1)", "safe", "attr('name')", "tojson(1)", "map('int')|list"]
METHODS = ["upper()", "lower()", "strip()", "split()", "split(',')", "split(',', 1)", "title()", "zfill(6)", "center(10, '*')", "ljust(5)",
           "replace('a', 'b')", "startswith('a')", "endswith('c')", "find('b')", "count('a')", "isdigit()", "isalpha()", "isupper()",
           "join(['x', 'y'])", "format(1)", "format('q')", "partition(',')", "splitlines()", "swapcase()", "items()", "keys()", "values()",
           "get('a')", "get('zz', 1)", "index(1)", "count(1)", "isoformat()", "date()", "year", "month", "strftime('%Y %j')", "weekday()",
           "encode()", "rsplit(None, 1)", "capitalize()", "real", "is_integer()", "bit_length()", "name", "zz", "copy()", "rjust(4, '.')"]
TESTS = ["defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "sequence", "mapping", "iterable", "odd", "even",
         "divisibleby 3", "in [1, 2]", "eq 1", "lt 5", "upper", "lower", "true", "false", "sameas none", "callable", "escaped"]
OPS = ["+", "-", "*", "/", "//", "%", "**", "~"]
CMP = ["==", "!=", "<", ">", "<=", ">=", "in", "not in"]


def expr(depth):
    if depth <= 0 or R.random() < 0.12:
        return R.choice([lambda: R.choice(NAMES), lambda: R.choice(STRS), lambda: R.choice(NUMS),
                         lambda: R.choice(["true", "false", "none", "[]", "{}", "()", "[1, 2, 3]", "{'a': 1}", "(1, 'x')"])])()
    d = depth - 1
    kind = R.randrange(14)
    if kind < 3:
        op = R.choice(OPS)
        right = R.choice(["2", "3", "-1", "0.5"]) if op == "**" else expr(d)
        return f"({expr(d)} {op} {right})"
    if kind == 3:
        return f"({expr(d)} {R.choice(CMP)} {expr(d)})"
    if kind == 4:
        return f"({expr(d)} {R.choice(['and', 'or'])} {expr(d)})"
    if kind < 7:
        return f"({expr(d)}|{R.choice(FILTERS)})"
    if kind < 9:
        return f"({expr(d)}).{R.choice(METHODS)}"
    if kind == 9:
        return f"({expr(d)} is {R.choice(['', 'not '])}{R.choice(TESTS)})"
    if kind == 10:
        return f"({expr(d)})[{R.choice(['0', '-1', '1:', ':2', '::-1', '::2', '-2:', '5', repr('a'), '1:3'])}]"
    if kind == 11:
        return f"({expr(d)} if {expr(d)} else {expr(d)})"
    if kind == 12:
        return f"[{expr(d)}, {expr(d)}]"
    return R.choice([f"(-{expr(d)})", f"(not {expr(d)})", f"{{'k': {expr(d)}}}", f"({expr(d)}, {expr(d)})",
                     f"('%s|%r' % ({expr(d)}, {expr(d)}))", f"'{{}} {{!r}}'.format({expr(d)}, {expr(d)})",
                     f"('{R.choice(['%d', '%5.2f', '%x', '%s', '%10s|', '%-6d|', '%e', '%g', '%+d', '%05d'])}' % {expr(d)})",
                     f"'{{:{R.choice(['d', '.2f', '>8', '<8', '^9', ',', '08.3f', 'e', 'g', '%', 'x', '+', '.3', '_', 's', '*^7'])}}}'.format({expr(d)})"])


def template():
    kind = R.randrange(8)
    if kind < 5:
        return "{{ " + expr(3) + " }}"
    if kind == 5:
        return "{% for x in " + expr(2) + " %}{{ loop.index }}:{{ x }}," + "{% else %}E{% endfor %}"
    if kind == 6:
        return "{% set v = " + expr(2) + " %}{% if v %}{{ v }}{% else %}no{{ v }}{% endif %}"
    return "{% macro m(a, b=" + expr(1) + ") %}{{ a }}/{{ b }}{% endmacro %}{{ m(" + expr(2) + ") }}"


class Slow(BaseException):
    pass


def slow(*_):
    raise Slow


signal.signal(signal.SIGALRM, slow)
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
env = jinja2.Environment(loader=jinja2.DictLoader(TEMPLATES))
for _ in range(int(sys.argv[2])):
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        case = record(template(), env)
    except (Slow, MemoryError):
        continue
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if len(json.dumps(case)) < 1500:
        print(json.dumps(case, ensure_ascii=False))
