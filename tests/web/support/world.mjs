// SPDX-License-Identifier: Apache-2.0
import { after, before, describe, it } from 'node:test';

/**
 * What the tests of a file share: `begin` makes it, `end` takes it down, whatever became of them.
 * Gives the function that says a test. (Hooks outside of a suite are not run by every Node 18.)
 */
export function world(begin, end) {
  const tests = [];
  queueMicrotask(() => describe('in a browser', () => {
    before(begin);
    after(end);
    for (const [name, run] of tests) it(name, run);
  }));
  return (name, run) => tests.push([name, run]);
}
