import assert from "node:assert/strict";
import { parse as parseByDotenv } from "dotenv";
import fc from "fast-check";
import { decodeEnvFile, parseEnvFile } from "../../../src/commands/shared/env_file.ts";
import { Failure } from "../../../src/failure.ts";

/** The keys and values of a file, in order. */
function parsed(source: string): Record<string, string> {
  return Object.fromEntries(
    parseEnvFile(source).entries.map(({ key, value }) => [key, value.reveal()]),
  );
}

function notices(source: string): string[] {
  return parseEnvFile(source).notices.map(({ line, reason, key }) =>
    [line, reason, key].filter(Boolean).join(" ")
  );
}

const rules: Record<string, [source: string, expected: Record<string, string>]> = {
  "splits at the first =": ["A=b=c", { A: "b=c" }],
  "trims unquoted values and keys": ["  A  =  b c  ", { A: "b c" }],
  "allows export": ["export A=1\nexport\tB=2", { A: "1", B: "2" }],
  "reads a key called export": ["export=1", { export: "1" }],
  "skips blank lines and comments": ["\n  \n# A=1\n   # B=2\nC=3\n", { C: "3" }],
  "keeps # without white space before it": ["A=b#c\nB=#d", { A: "b#c", B: "#d" }],
  "starts a comment at # after white space": ["A=b #c\nB=d\t# e # f", { A: "b", B: "d" }],
  "keeps quotes inside an unquoted value": [`A=it's "so"`, { A: `it's "so"` }],
  "takes single quotes literally": [`A='a\\n"b" #c \${D}'`, { A: `a\\n"b" #c \${D}` }],
  "replaces five escapes in double quotes": [`A="\\n\\r\\t\\"\\\\"`, { A: `\n\r\t"\\` }],
  "keeps other escapes": [`A="\\x\\u0041\\'"`, { A: `\\x\\u0041\\'` }],
  "reads an escaped backslash": [`A="b\\\\n"`, { A: `b\\n` }],
  "keeps white space inside quotes": [`A="  b  "\nB=' c '`, { A: "  b  ", B: " c " }],
  "lets quoted values span lines": [`A="b\n c \n\nd"\nE='f\ng'`, { A: "b\n c \n\nd", E: "f\ng" }],
  "keeps # and = in a quoted value": [`A="b\n# c\nD=e"`, { A: "b\n# c\nD=e" }],
  "allows a comment after a closing quote": [`A="b" # c\nB='d'# e\nC="f\ng"\t#h`, {
    A: "b",
    B: "d",
    C: "f\ng",
  }],
  "reads CRLF": ["A=1\r\nB='x\r\ny'\r\n", { A: "1", B: "x\ny" }],
  "reads CR": ["A=1\rB='x\ry'\r# c\rC=`z\r`\r", { A: "1", B: "x\ny", C: "z\n" }],
  "reads mixed line ends": ["A=1\rB=2\nC=3\r\nD=4", { A: "1", B: "2", C: "3", D: "4" }],
  "takes backticks literally": ["A=`b\\n'c' \"d\"` #e", { A: `b\\n'c' "d"` }],
  "keeps an escaped backtick as it is": ["A=`b\\`c`", { A: "b\\`c" }],
  "ends a value at an escaped backtick if there is no other": ["A=`C:\\`\nB=`x`", {
    A: "C:\\",
    B: "x",
  }],
  "reads JSON and PEM on one line": [
    `A={"b": [1]}\nB=[x\nC=-----BEGIN KEY-----\\nab\\n-----END KEY-----`,
    { A: `{"b": [1]}`, B: "[x", C: "-----BEGIN KEY-----\\nab\\n-----END KEY-----" },
  ],
  "reads JSON and PEM in quotes": [
    `A='{\n"b": 1\n}'\nB="-----BEGIN KEY-----\nab==\n-----END KEY-----"`,
    {
      A: `{\n"b": 1\n}`,
      B: "-----BEGIN KEY-----\nab==\n-----END KEY-----",
    },
  ],
  "reads a byte order mark": ["\uFEFFA=1", { A: "1" }],
  "expands nothing": ["A=$HOME\nB=${A}\nC=$(ls)", { A: "$HOME", B: "${A}", C: "$(ls)" }],
  "does not need a final line end": ["A=1", { A: "1" }],
  "lets the last of duplicate keys win": ["A=1\nB=2\nA=3", { B: "2", A: "3" }],
};
for (const [rule, [source, expected]] of Object.entries(rules)) {
  Deno.test(`parseEnvFile() ${rule}`, () => assert.deepEqual(parsed(source), expected));
}

const reports: Record<string, [source: string, expected: string[]]> = {
  "empty values": [`A=\nB=""\nC=''\nD=   # comment`, [
    "1 empty-value A",
    "2 empty-value B",
    "3 empty-value C",
    "4 empty-value D",
  ]],
  "lines without =": ["# ok\nsecret text\nexport A", ["2 no-equals-sign", "3 no-equals-sign"]],
  "keys with spaces": ["A B=1\n=2", ["1 space-in-key", "2 empty-key"]],
  "duplicate keys": ["A=1\n\nA=2\nA=3", ["3 duplicate-key A", "4 duplicate-key A"]],
  "the line number after a value of several lines": [`A="1\n2\n3"\nB`, ["4 no-equals-sign"]],
};
for (const [what, [source, expected]] of Object.entries(reports)) {
  Deno.test(`parseEnvFile() reports ${what}`, () => assert.deepEqual(notices(source), expected));
}

Deno.test("parseEnvFile() names keys without a value, so that they are not pruned", () => {
  assert.deepEqual([...parseEnvFile("A=1\nB=\n# C=1").keys], ["A", "B"]);
});

const errors: Record<string, [source: string, line: number]> = {
  "an unterminated double quote": [`A=1\nB="two\nC=3\n`, 2],
  "an unterminated single quote": [`A='`, 1],
  "a quote closed only by an escaped one": [`A="b\\"`, 1],
  "text after a closing quote": [`A=1\nB="two\nthree"four`, 3],
  "an unclosed backtick": ["A=1\nB=`two\nthree\n", 2],
  "text after a closing backtick": ["A=`two`three", 1],
  "an unquoted private key": [
    `A=1\nKEY=-----BEGIN KEY-----\ntwothree\nfour==\n-----END KEY-----`,
    2,
  ],
  "an unquoted private key at the end": [`KEY=-----BEGIN KEY-----`, 1],
  "an unquoted private key of SSH2": [`KEY=---- BEGIN SSH2 KEY ----\ntwo\n`, 1],
  "an unquoted private key below its name": [`KEY=\n-----BEGIN KEY-----\ntwo\nB=1`, 2],
  "a line of base64": [`A=1\ndHdvdGhyZWVmb3Vy==\n`, 2],
  "a line of base64 with one `=`": [`A=1\ntwoTHREE4fourAB=\n`, 2],
  "a line of base64 with other characters": [`A=1\ntwo/three+four=\n`, 2],
  "JSON that other lines continue": [`A={\n  "two": "three=four"\n}\nB=1`, 1],
  "JSON that other lines continue after a blank one": [`A=["two",\n\n# c\n"three"]`, 1],
  "JSON that a comment cuts off": [`A={"two": "three #four"}`, 1],
  "a key with a slash": [`A=1\ntwo/three=four`, 2],
  "a key with a letter that is not ASCII": [`Ätwo=three`, 1],
  "a key of 257 characters": [`A=1\n\n${"two".padEnd(257, "x")}=three`, 3],
  "a key that is a path": [`..=two`, 1],
};
for (const [what, [source, line]] of Object.entries(errors)) {
  Deno.test(`parseEnvFile() rejects ${what} and reports the line, not its content`, () => {
    assert.throws(() => parseEnvFile(source), (error) => {
      assert(error instanceof Failure);
      assert.equal(error.kind, "usage");
      assert.match(error.message, new RegExp(`^Line ${line}: `));
      assert.doesNotMatch(`${error.message} ${error.next}`, /two|three|four/);
      return true;
    });
  });
}

Deno.test("decodeEnvFile() rejects UTF-16 without a byte order mark", () => {
  for (const bytes of [[0x41, 0, 0x3d, 0, 0x31, 0], [0, 0x41, 0, 0x3d, 0, 0x31]]) {
    assert.throws(() => decodeEnvFile(new Uint8Array(bytes), ".env"), /\.env contains a NUL/);
  }
});

Deno.test("decodeEnvFile() rejects bytes that are not UTF-8", () => {
  assert.throws(() => decodeEnvFile(new Uint8Array([0x41, 0x3d, 0xff]), ".env"), /not UTF-8/);
  assert.throws(() => decodeEnvFile(new Uint8Array([0xff, 0xfe, 0x41, 0]), ".env"), /not UTF-8/);
});

// Properties: every value can be written in one of the three notations.

const key = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,20}$/).filter((name) =>
  name !== "export"
);
const anyValue = fc.string({ unit: "binary", minLength: 1 }).map((text) =>
  text.replace(/\r\n?/g, "\n")
).filter((text) => text !== "");

function doubleQuoted(value: string): string {
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}

Deno.test("parseEnvFile() reads back every value written in double quotes", () => {
  fc.assert(fc.property(key, anyValue, fc.boolean(), (name, value, crlf) => {
    const source = `# before\n${name}=${doubleQuoted(value)} # after\nLAST=1\n`;
    const file = parseEnvFile(crlf ? source.replaceAll("\n", "\r\n") : source);
    assert.deepEqual(file.notices.filter(({ reason }) => reason !== "duplicate-key"), []);
    assert.equal(
      file.entries.find((entry) => entry.key === name)?.value.reveal(),
      name === "LAST" ? "1" : value,
    );
  }));
});

Deno.test("parseEnvFile() reads back every value without single quotes written in single quotes", () => {
  const value = anyValue.map((text) => text.replaceAll("'", "")).filter((text) => text !== "");
  fc.assert(fc.property(key, value, (name, text) => {
    assert.deepEqual(parsed(`${name}='${text}'`), { [name]: text });
  }));
});

Deno.test("parseEnvFile() reads values in backticks as dotenv does, or rejects the file", () => {
  const piece = fc.constantFrom(
    "a",
    "`",
    "\\`",
    "\\",
    "'",
    '"',
    "\n",
    "\r\n",
    "\r",
    " ",
    "#",
    " # ",
    "=",
    "B=",
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      fc.constantFrom("", " ", " # c"),
      (pieces, end) => {
        const source = `A=\`${pieces.join("")}\`${end}\nLAST=\`1\`\n`;
        let read: Record<string, string>;
        try {
          if (parseEnvFile(source).notices.length > 0) return;
          read = parsed(source);
        } catch (error) {
          assert(error instanceof Failure);
          return;
        }
        assert.equal(read.A, parseByDotenv(source).A, source);
      },
    ),
    { numRuns: 5000 },
  );
});

Deno.test("parseEnvFile() rejects few of the files with backticks that dotenv reads", () => {
  const value = fc.string({ unit: "grapheme", minLength: 1 }).map((text) =>
    text.replaceAll("`", "\\`")
  );
  fc.assert(fc.property(key, value, (name, text) => {
    const source = `${name}=\`${text}\` # c`;
    assert.deepEqual(parsed(source), { ...parseByDotenv(source) });
  }));
});

Deno.test("parseEnvFile() takes time in proportion to the file", () => {
  // Each of these took minutes if a line were searched again for each line or character before it.
  const many = 30_000;
  for (const source of ["A={\nB=1\n", "A=`\\`\n", "A=`x\n`\n", "A=`b\\` x`", "\\`", "A={\n"]) {
    for (const start of ["", "A=`"]) {
      try {
        parseEnvFile(start + source.repeat(many));
      } catch (error) {
        assert(error instanceof Failure);
      }
    }
  }
});

Deno.test("parseEnvFile() reads back every unquoted value, trimmed, up to a comment", () => {
  const value = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) =>
    text === text.trim() && !/^['"`[{]|[\r\n]|\s#|^=*$/.test(text)
  );
  const comment = fc.constantFrom("", " # c", "\t#c", "   ");
  fc.assert(fc.property(key, value, comment, (name, text, trailing) => {
    assert.deepEqual(parsed(`export ${name}=${text}${trailing}`), { [name]: text });
  }));
});

Deno.test("parseEnvFile() loses no line: each is an entry, a notice or an error", () => {
  const line = fc.constantFrom(
    "A=1",
    "B='2'",
    "",
    "# c",
    "nonsense",
    "C=",
    "D E=3",
    "=4",
    'F="5" #c',
  );
  fc.assert(fc.property(fc.array(line), (lines) => {
    const { entries, notices } = parseEnvFile(lines.join("\n"));
    const meant = lines.filter((text) => text !== "" && !text.startsWith("#")).length;
    // Each duplicate of a key is a notice.
    assert.equal(entries.length + notices.length, meant);
  }));
});

Deno.test("parseEnvFile() never includes a value in errors or notices", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (source) => {
    const canary = "CANARY7f3a";
    try {
      const { notices } = parseEnvFile(`${source}\nX="${canary}" trailing\n${source}`);
      assert(!JSON.stringify(notices).includes(canary) || source.includes(canary));
    } catch (error) {
      assert(error instanceof Failure);
      assert(!`${error.message}${error.next}`.includes(canary));
    }
  }));
});
