/** Values that a template can get at, to attack. */
const TARGETS = [
  "''",
  "s",
  "1",
  "1.5",
  "2 ** 70",
  "(-1) ** 0.5",
  "true",
  "none",
  "nope",
  "[]",
  "list",
  "map",
  "(1,)",
  "tags",
  "blob",
  "range(3)",
  "range",
  "dict",
  "namespace",
  "lipsum",
  "cycler",
  "fn",
  "fn()",
  "s.upper",
  "[].append",
  "map.items",
  "map.items()",
  "[1]|map('string')",
  "utils",
  "utils.re",
  "utils.datetime",
  "utils.datetime.now()",
  "utils.timedelta(1)",
  "utils.dateutil",
  "utils.re.compile('a')",
  "utils.path",
  "utils.uuid",
  "self",
  "self.b",
  "m",
  "imported",
  "imported.hello",
  "cycler(1)",
  "joiner()",
  "namespace(a=1)",
  "'x'|safe",
  "users|groupby('a')|first",
];

/** Names of the host and of Python's own insides, in many spellings. */
const NAMES = [
  "constructor",
  "prototype",
  "__proto__",
  "__defineGetter__",
  "__lookupSetter__",
  "toString",
  "valueOf",
  "toLocaleString",
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "then",
  "toJSON",
  "arguments",
  "callee",
  "bind",
  "apply",
  "call",
  "push",
  "concat",
  "charAt",
  "at",
  "Symbol.iterator",
  "Symbol(Symbol.iterator)",
  "@@iterator",
  "#items",
  "_private",
  "typeName",
  "iterate",
  "getAttribute",
  "getItem",
  "hashKey",
  "entries",
  "members",
  "globalThis",
  "process",
  "require",
  "__class__",
  "__mro__",
  "__subclasses__",
  "__globals__",
  "__builtins__",
  "__init__",
  "__dict__",
  "__code__",
  "__self__",
  "__func__",
  "__import__",
  "__getattribute__",
  "__reduce__",
  "gi_frame",
  "f_globals",
  "func_globals",
  "_TemplateReference__context",
];

/** Ways from a value to a name. `$v` is the value, `$n` the name, `$u` the name in Unicode escapes. */
const WAYS = [
  "{{ ($v)['$n'] }}",
  "{{ ($v)['$u'] }}",
  "{{ ($v)|attr('$n') }}",
  "{{ [$v]|map(attribute='$n')|list }}",
  "{{ [$v]|map('attr', '$n')|list }}",
  "{{ [$v]|selectattr('$n')|list|length }}",
  "{{ [$v]|rejectattr('$n', 'none')|list|length }}",
  "{{ [$v]|groupby('$n')|list }}",
  "{{ [$v]|sort(attribute='$n') }}",
  "{{ [$v]|sum(attribute='$n') }}",
  "{{ [$v]|join(attribute='$n') }}",
  "{{ [$v]|unique(attribute='$n')|list }}",
  "{{ '{0.$n}'.format($v) }}",
  "{{ '{0[$n]}'.format($v) }}",
  "{{ '{a.$n}'.format_map({'a': $v}) }}",
  "{{ ('{0.$n}'|safe).format($v) }}",
  "{{ '%($n)s' % ($v) }}",
  "{{ ($v)['$n']('return process')() }}",
  "{{ dict(a=$v)['a']['$n'] }}",
  "{% set ns = namespace(v=$v) %}{{ ns['v']['$n'] }}",
  "{% with x = $v %}{{ x['$n'] }}{% endwith %}",
  "{% for k in [$v] %}{{ k['$n'] }}{{ loop['$n'] }}{% endfor %}",
];

const escaped = (name: string): string =>
  Array.from(name, (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`).join("");

/** Every probe: each target, name and way. */
export function* probes(): Iterable<string> {
  const before = "{% macro m() %}{% endmacro %}{% import 'macros.html' as imported %}";
  for (const target of TARGETS) {
    for (const name of NAMES) {
      for (const way of WAYS) {
        yield (
          before +
          way
            .replaceAll("$v", () => target)
            .replaceAll("$n", () => name)
            .replaceAll("$u", () => escaped(name))
        );
      }
      if (/^\w+$/.test(name)) yield `${before}{{ (${target}).${name} }}`;
    }
  }
}
