import assert from "node:assert/strict";
import test from "node:test";
import { ERROR_CODES } from "../../lib/core/error-codes.ts";
import { ERROR_PAGES } from "../../lib/core/error-pages.ts";

test("every error code has a page of whole sentences, and no page is of a code that is gone", () => {
  assert.deepEqual(Object.keys(ERROR_PAGES).toSorted(), Object.keys(ERROR_CODES).toSorted());
  for (const [code, page] of Object.entries(ERROR_PAGES)) {
    for (const text of Object.values(page)) assert.match(text, /\S[.;]$/, code);
  }
});
