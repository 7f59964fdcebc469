// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromWeb } from './browser.mjs';

const kAxe = readFileSync(fromWeb.resolve('axe-core/axe.min.js'), 'utf8');
const kFolder = process.env.LIBMSG_SCREENSHOTS;
if (kFolder) mkdirSync(kFolder, { recursive: true });

/** Looks at what the page shows now: as a picture of that name, and for what axe finds. */
export async function look(page, name) {
  await page.evaluate(() => Promise.all([document.fonts.ready,
    ...document.getAnimations().map((one) => one.finished.catch(() => undefined))]));
  if (kFolder) await page.screenshot({ path: join(kFolder, `${name}.png`) });
  // Past the page's policy, as a browser's own tools are.
  const world = await page.context().newCDPSession(page);
  const evaluate = (expression) => world.send('Runtime.evaluate',
    { expression, awaitPromise: true, returnByValue: true });
  await evaluate(`${kAxe}; 0`);
  const { result } = await evaluate(`axe.run(document, { resultTypes: ['violations'] }).then((r) =>
    r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 120) + ' | '
      + n.failureSummary).join('; ')))`);
  assert.deepEqual(result.value, [], name);
}
