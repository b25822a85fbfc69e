import assert from "node:assert/strict";
import { changesOf } from "../../scripts/release/changelog.ts";

const CHANGELOG = `# Changelog

## Unreleased

- New

## [1.1.0] - 2026-12-01

### Added

- Second

## 1.0.0 - 2026-11-01

- First
`;

Deno.test("the changes of a version are its section of the changelog", () => {
  assert.equal(changesOf(CHANGELOG, ["1.1.0"]), "### Added\n\n- Second");
  assert.equal(changesOf(CHANGELOG, ["1.0.0", "Unreleased"]), "- First");
  assert.equal(changesOf(CHANGELOG, ["2.0.0", "Unreleased"]), "- New");
});

Deno.test("a version without a section is rejected", () => {
  assert.throws(() => changesOf(CHANGELOG, ["1.0"]), /no section "## 1.0"$/);
});
