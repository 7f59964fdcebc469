// SPDX-License-Identifier: Apache-2.0
// The operator's page: figures that move, a user who is signed out.
import assert from 'node:assert/strict';
import { enter, kPatienceMs, launch } from './support/browser.mjs';
import { look } from './support/look.mjs';
import { Msgd } from './support/msgd.mjs';
import { scene } from './support/scene.mjs';
import { world } from './support/world.mjs';

// Keys that nobody can give it, so that there is something to warn of.
const kArgs = ['--jwt-issuer', 'https://issuer.test', '--jwt-audience', 'chat',
  '--jwt-keys', 'https://127.0.0.1:1/keys'];
let msgd;
let browser;
const test = world(async () => {
  [msgd, browser] = await Promise.all([Msgd.start(kArgs), launch()]);
  await scene(msgd);
}, async () => {
  await browser?.close();
  await msgd?.stop();
});

async function operator(options = {}) {
  const context = await browser.newContext(
    { viewport: { width: 1280, height: 900 }, locale: 'en-GB', ...options });
  context.setDefaultTimeout(kPatienceMs);
  const page = await context.newPage();
  await page.goto(`${msgd.page}operator`);
  return page;
}

test('it asks for a key each time, and finds nobody with a wrong one', async () => {
  const page = await operator();
  // With --dev the figures are for everybody on this machine; users are not.
  await page.getByLabel('Key').fill('msk_nonsense');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('heading', { name: 'Connections' }).waitFor();
  await page.getByPlaceholder('Username, +phone or id').fill('bob');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('alert').waitFor();
  assert.equal(await page.locator('.sessions').count(), 0);
  assert.equal(await page.locator('.nodes').count(), 0);
  await page.reload();
  await page.getByLabel('Key').waitFor();
  await page.context().close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`figures come in, ${colorScheme}`, async () => {
    const page = await operator({ colorScheme });
    await page.getByLabel('Key').fill(msgd.tokens.key);
    await page.getByRole('button', { name: 'Show' }).click();
    for (let i = 0; i < 20; ++i) await msgd.ask('alice', 'GET', '/me');
    const row = page.getByRole('row', { name: /GET \/api\/v1\/me/ });
    await row.waitFor();
    const node = page.locator('.nodes tbody tr');
    await node.getByText('answers').waitFor();
    await node.getByText(`127.0.0.1:${msgd.port}`).waitFor();
    assert.equal(await node.count(), 1);
    await page.getByText('There is no bus').waitFor();
    await page.waitForFunction(() => {
      const [line] = document.querySelectorAll('.chart polyline');
      return line && line.points.length >= 3;
    });
    const tile = (name) => page.locator('.tile', { hasText: name });
    await tile('Store').getByText('MiB').waitFor();
    await tile('Waiting for a commit').waitFor();
    await page.locator('.problems li', { hasText: 'jwt.keys_not_fetched' }).first().waitFor();
    await page.getByPlaceholder('Username, +phone or id').fill('alice');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('Alice', { exact: true }).waitFor();
    await page.evaluate(() => scrollTo(0, 0));
    await look(page, `operator-${colorScheme}-wide`);
    await page.context().close();
  });
}

test('a user is found, and a session of theirs is ended', async () => {
  const bob = await enter(browser, msgd, 'Bob');
  const page = await operator();
  await page.getByLabel('Key').fill(msgd.tokens.key);
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByPlaceholder('Username, +phone or id').fill('bob');
  await page.getByRole('button', { name: 'Find' }).click();
  const session = page.locator('.sessions li', { hasText: 'Chrome' });
  await session.getByRole('button', { name: 'Revoke' }).click();
  await session.waitFor({ state: 'detached' });
  await bob.getByLabel('Phone number').waitFor();
  await page.getByPlaceholder('Username, +phone or id').fill('nobody_here');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('alert').waitFor();
  assert.equal(await page.locator('.sessions li').count(), 0);
  await page.context().close();
});
