import assert from "node:assert/strict";
import { pythonProblem } from "../../src/dev/problem.ts";

const FOLDER = "/home/me/weather";

/** What Python prints, and what is found in it. */
const OUTPUTS: readonly (readonly [
  what: string,
  output: string,
  expected:
    | readonly [message: string, file: string, line: number, ...excerpt: string[]]
    | undefined,
])[] = [
  [
    "a syntax error in the program",
    `  File "${FOLDER}/server.py", line 31
    def forecast(city: str)
                           ^
SyntaxError: expected ':'`,
    [
      "SyntaxError: expected ':'",
      "server.py",
      31,
      "def forecast(city: str)",
      "                       ^",
    ],
  ],
  [
    "a syntax error in a module of the folder",
    `Traceback (most recent call last):
  File "${FOLDER}/server.py", line 1, in <module>
    import tools.module
  File "${FOLDER}/tools/module.py", line 2
    x = (
        ^
SyntaxError: '(' was never closed`,
    ["SyntaxError: '(' was never closed", "tools/module.py", 2, "x = (", "    ^"],
  ],
  [
    "an exception in a library: the last place in the folder",
    `Traceback (most recent call last):
  File "${FOLDER}/server.py", line 14, in <module>
    @app.tool
     ^^^^^^^^
  File "${FOLDER}/.venv/lib/python3.11/site-packages/arcade/app.py", line 531, in tool
    return decorator(func)
           ^^^^^^^^^^^^^^^
arcade.errors.ToolInputSchemaError: Parameter 'limit' is missing a description`,
    [
      "arcade.errors.ToolInputSchemaError: Parameter 'limit' is missing a description",
      "server.py",
      14,
      "@app.tool",
      " ^^^^^^^^",
    ],
  ],
  [
    "the last of several tracebacks",
    `Traceback (most recent call last):
  File "${FOLDER}/server.py", line 1, in <module>
    one()
ValueError: one

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "${FOLDER}/server.py", line 3, in <module>
    two()
KeyError: 'two'`,
    ["KeyError: 'two'", "server.py", 3, "two()"],
  ],
  [
    "an exception without a message, and without its source",
    `Traceback (most recent call last):
  File "<string>", line 1, in <module>
KeyboardInterrupt`,
    ["KeyboardInterrupt", "<string>", 1],
  ],
  ["a path relative to the folder", `  File "server.py", line 2\n    (\n    ^\nSyntaxError: x`, [
    "SyntaxError: x",
    "server.py",
    2,
    "(",
    "^",
  ]],
  ["no traceback", "Listening\nGoodbye", undefined],
  ["a place without an error", `  File "${FOLDER}/server.py", line 31`, undefined],
];
for (const [what, output, expected] of OUTPUTS) {
  Deno.test(`the problem of a Python program is found: ${what}`, () => {
    const found = pythonProblem(output.split("\n"), FOLDER);
    const { file, line, excerpt = [] } = found?.place ?? {};
    assert.deepEqual(found && [found.message, file, line, ...excerpt], expected);
  });
}

Deno.test("output that is hostile to patterns is read in time", () => {
  const lines = [
    `  File "${"a".repeat(30_000)}`,
    `${"E".repeat(30_000)}`,
    ...Array(200).fill(`  File "${"/x".repeat(1000)}", line 1`),
    `${"a.".repeat(15_000)}Error: x`,
  ];
  pythonProblem(lines, FOLDER);
});
