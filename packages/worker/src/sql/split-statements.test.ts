import { expect, test } from "vitest";
import { splitStatements } from "./split-statements.ts";

// The pieces are those of sqlparse 0.5.3 for the same texts (T-45, T-46, JOB-sql-09).
const cases: readonly (readonly [what: string, sql: string, pieces: readonly string[]])[] = [
  ["one statement", "select 1", ["select 1"]],
  [
    "statements apart at semicolons",
    "select 1; select 2;\nselect 3",
    ["select 1;", "select 2;", "select 3"],
  ],
  ["a lone semicolon as a piece of its own", "select 1;; select 2", ["select 1;", ";", "select 2"]],
  ["a comment alone as a piece", "-- nothing here", ["-- nothing here"]],
  [
    "a comment after a semicolon on its line as the end of the statement before",
    "select 1; -- one\nselect 2",
    ["select 1; -- one", "select 2"],
  ],
  [
    "a comment on the next line as the beginning of the statement after",
    "select 1;\n-- two\nselect 2",
    ["select 1;", "-- two\nselect 2"],
  ],
  [
    "a block comment after a semicolon as the beginning of the statement after",
    "select 1; /* two */ select 2",
    ["select 1;", "/* two */ select 2"],
  ],
  [
    "semicolons in comments",
    "select 1 -- a;b\n, 2 /* c;d */ from t # e;f\n; select 3",
    ["select 1 -- a;b\n, 2 /* c;d */ from t # e;f\n;", "select 3"],
  ],
  [
    "a hint as the beginning of what follows",
    "select 1; --+ hint\nselect 2",
    ["select 1;", "--+ hint\nselect 2"],
  ],
  [
    "a # without a blank as no comment",
    "select * from #tmp; select 2",
    ["select * from #tmp;", "select 2"],
  ],
  [
    "semicolons in texts and names",
    "select 'a;b', \"c;d\", `e;f`, [g;h] from t; select 2",
    ["select 'a;b', \"c;d\", `e;f`, [g;h] from t;", "select 2"],
  ],
  ["doubled quotes", "select 'it''s;'; select 2", ["select 'it''s;';", "select 2"]],
  ["quotes after a backslash", "select E'\\';'; select 2", ["select E'\\';';", "select 2"]],
  [
    "a text that ends with a backslash at the first later quote",
    "select 'a\\'; select 'b'",
    ["select 'a\\'; select 'b'"],
  ],
  ["quotes that are not closed", "select 'a; select 2", ["select 'a;", "select 2"]],
  [
    "dollar bodies whole",
    "create function f() returns int as $$ begin; return 1; end; $$ language plpgsql; select 1",
    [
      "create function f() returns int as $$ begin; return 1; end; $$ language plpgsql;",
      "select 1",
    ],
  ],
  [
    "named dollar bodies whole",
    "do $body$ a; b $body$; select 1",
    ["do $body$ a; b $body$;", "select 1"],
  ],
  [
    "dollar marks in any case",
    "do $Body$ a; b $bODY$; select 1",
    ["do $Body$ a; b $bODY$;", "select 1"],
  ],
  ["a dollar mark that is not closed", "do $x$ a; b", ["do $x$ a;", "b"]],
  [
    "begin as the start of a transaction",
    "begin; insert into t values (1); commit;",
    ["begin;", "insert into t values (1);", "commit;"],
  ],
  [
    "begin and end of a created procedure whole",
    "create procedure p() begin select 1; select 2; end; select 3",
    ["create procedure p() begin select 1; select 2; end;", "select 3"],
  ],
  [
    "create or replace likewise",
    "create or replace function f() is begin a; b; end; select 1",
    ["create or replace function f() is begin a; b; end;", "select 1"],
  ],
  [
    "declare before the begin",
    "create procedure p() declare x int; begin set x = 1; end; select 2",
    ["create procedure p() declare x int; begin set x = 1; end; select 2"],
  ],
  [
    "a declare without create apart",
    "declare x int; begin set x = 1; end; select 2",
    ["declare x int;", "begin set x = 1;", "end;", "select 2"],
  ],
  [
    "case in a block whole",
    "create procedure p() begin select case when a then 1 end; select 2; end; select 3",
    ["create procedure p() begin select case when a then 1 end; select 2; end;", "select 3"],
  ],
  [
    "case outside of a block",
    "select case when a = 1 then 'x;' end; select 2",
    ["select case when a = 1 then 'x;' end;", "select 2"],
  ],
  [
    "if in a block, whose `end if` does not close it for later ones",
    "create procedure p() begin if a then b; end if; c; end; select 1",
    ["create procedure p() begin if a then b; end if; c; end;", "select 1"],
  ],
  [
    "loops in a block",
    "create procedure p() begin for i in 1..2 loop a; end loop; while x do b; end while; end; select 1",
    [
      "create procedure p() begin for i in 1..2 loop a; end loop; while x do b; end while; end; select 1",
    ],
  ],
  [
    "end if with a line break, which closes nothing",
    "create procedure p() begin if a then b; end\nif; c; end; select 1",
    ["create procedure p() begin if a then b; end\nif; c; end; select 1"],
  ],
  [
    "if outside of a block apart",
    "if a then b; end if; select 1",
    ["if a then b;", "end if;", "select 1"],
  ],
  [
    "a handler declaration in a block",
    "create procedure p() begin declare continue handler for sqlexception a; b; end; select 1",
    ["create procedure p() begin declare continue handler for sqlexception a; b; end;", "select 1"],
  ],
  ["parentheses whole", "select (1; 2); select 3", ["select (1; 2);", "select 3"]],
  ["parentheses that are not closed", "select (1; select 2", ["select (1; select 2"]],
  ["a closing one too many", "select 1); select 2", ["select 1);", "select 2"]],
  [
    "GO on its line as an end",
    "select 1\nGO\nselect 2\nGO 2\nselect 3",
    ["select 1\nGO", "select 2\nGO 2", "select 3"],
  ],
  ["go in small letters as a name", "select 1\ngo\nselect 2", ["select 1\ngo\nselect 2"]],
  [
    "DELIMITER not understood",
    "DELIMITER //\nselect 1//\nselect 2;",
    ["DELIMITER //\nselect 1//\nselect 2;"],
  ],
  [
    "names that are keywords after a dot or before one",
    "create table t (begin.x int, y.end int, if(1)); select 1",
    ["create table t (begin.x int, y.end int, if(1));", "select 1"],
  ],
  [
    "placeholders named as keywords",
    "create function f() begin select :end, $begin; end; select 1",
    ["create function f() begin select :end, $begin; end;", "select 1"],
  ],
  [
    "names with $ or # as names",
    "select begin$x, end#y; select 2",
    ["select begin$x, end#y;", "select 2"],
  ],
  [
    "words that run on in other alphabets",
    "select endaé from übegin; select 2",
    ["select endaé from übegin;", "select 2"],
  ],
  ["carriage returns", "select 1;\r\nselect 2;\r\n", ["select 1;", "select 2;"]],
  ["blanks only as nothing", " \n\t ", []],
  ["nothing as nothing", "", []],
  ["semicolons only", ";;;", [";", ";", ";"]],
  [
    "a load of everything",
    "/* head */ insert into t select * from u where a in ('x;y'); update t set b = case when c then 'd;' else e end where f; -- done\n\ndrop table u;",
    [
      "/* head */ insert into t select * from u where a in ('x;y');",
      "update t set b = case when c then 'd;' else e end where f; -- done",
      "drop table u;",
    ],
  ],
];

test.each(cases)("takes %s", (_what, sql, pieces) => {
  expect(splitStatements(sql)).toEqual(pieces);
});

test("takes a long text in reasonable time", () => {
  const sql = "insert into t values (1, 'text; with it''s quotes'); -- and a comment\n".repeat(
    5000,
  );

  expect(splitStatements(sql)).toHaveLength(5000);
});
