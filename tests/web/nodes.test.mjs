// SPDX-License-Identifier: Apache-2.0
// The operator's page before three nodes, one of which dies.
import { kPatienceMs, launch } from './support/browser.mjs';
import { Cluster } from './support/cluster.mjs';
import { look } from './support/look.mjs';
import { direct, say } from './support/scene.mjs';
import { world } from './support/world.mjs';

let cluster;
let browser;
const test = world(async () => {
  [cluster, browser] = await Promise.all([Cluster.start(3, ['--node-report-ms=300']), launch()]);
}, async () => {
  await browser?.close();
  await cluster?.stop();
});

async function operator(msgd, options) {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  context.setDefaultTimeout(kPatienceMs);
  const page = await context.newPage();
  await page.goto(`${msgd.page}operator`);
  await page.getByLabel('Key').fill(cluster.nodes[0].tokens.key);
  await page.getByRole('button', { name: 'Show' }).click();
  return page;
}

const row = (page, text) => page.locator('.nodes tbody tr', { hasText: text });

/** Somebody who says something every now and then, on one node after the other. */
function talking(nodes) {
  let isOver = false;
  const run = async () => {
    const chat = await direct(nodes[0], 'alice', nodes[0].tokens.users.bob.id);
    for (let i = 0; !isOver; ++i) {
      await say(nodes[i % nodes.length], 'alice', chat, `Number ${i}`);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  };
  const done = run();
  return { end: () => { isOver = true; return done; } };
}

test('all are listed, with the one that answers, and who is killed becomes silent', async () => {
  const wide = await operator(cluster.nodes[1], { viewport: { width: 1280, height: 900 } });
  const [first, second, third] = cluster.nodes;
  for (const one of [first, second, third]) await row(wide, `:${one.port}`).waitFor();
  await row(wide, 'answers').filter({ hasText: `:${second.port}` }).waitFor();
  await wide.getByText('All below is of node 2, which answers.').waitFor();
  await row(wide, `:${first.port}`).getByText('store, bus').waitFor();
  const talk = talking([first, second]);
  try {
    const sends = row(wide, `:${first.port}`).locator('[data-name="Sends/s"]');
    await sends.filter({ hasText: /[1-9]/ }).waitFor();
    await third.kill();
    await row(wide, `:${third.port}`).getByText('silent for').waitFor();
    await row(wide, `:${first.port}`).getByText('silent').waitFor({ state: 'detached' });
    await wide.context().close();
    for (const colorScheme of ['light', 'dark']) {
      for (const [width, name] of [[1280, 'wide'], [390, 'narrow']]) {
        const page = await operator(first, { colorScheme, viewport: { width, height: 900 } });
        await row(page, 'silent for').waitFor();
        await page.waitForFunction(() => document.querySelector('.chart polyline'));
        await look(page, `nodes-${colorScheme}-${name}`);
        await page.context().close();
      }
    }
  } finally {
    await talk.end();
  }
});
