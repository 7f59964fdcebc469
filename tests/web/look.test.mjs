// SPDX-License-Identifier: Apache-2.0
// The main views, wide and narrow, light and dark: no accessibility rule is broken, and what they
// look like goes to LIBMSG_SCREENSHOTS, if that is set (docs/screenshots is made by it).
import assert from 'node:assert/strict';
import { enter, kPatienceMs, launch, openChat } from './support/browser.mjs';
import { look } from './support/look.mjs';
import { Msgd } from './support/msgd.mjs';
import { scene } from './support/scene.mjs';
import { world } from './support/world.mjs';

const kWide = { width: 1280, height: 800 };
const kNarrow = { width: 390, height: 844 };

let msgd;
let browser;
const test = world(async () => {
  [msgd, browser] = await Promise.all([Msgd.start(), launch()]);
  await scene(msgd);
}, async () => {
  await browser?.close();
  await msgd?.stop();
});

for (const scheme of ['light', 'dark']) {
  for (const [size, viewport] of [['wide', kWide], ['narrow', kNarrow]]) {
    test(`the main views, ${scheme} and ${size}`, async () => {
      const options = { colorScheme: scheme, viewport, deviceScaleFactor: 1 };
      const context = await browser.newContext(options);
      context.setDefaultTimeout(kPatienceMs);
      const stranger = await context.newPage();
      await stranger.goto(msgd.page);
      await stranger.getByRole('button', { name: 'Alice' }).waitFor();
      await look(stranger, `sign-in-${scheme}-${size}`);
      await context.close();

      const page = await enter(browser, msgd, 'Alice', options);
      await page.locator('.row', { hasText: 'Launch team' }).waitFor();
      await page.getByText('Thursday, ten o').waitFor();
      await look(page, `list-${scheme}-${size}`);
      await openChat(page, 'Launch team');
      await page.locator('.text', { hasText: 'Five works' }).waitFor();
      await page.locator('.pins', { hasText: 'big step' }).waitFor();
      await page.locator('.message .avatar').first().waitFor();
      await page.mouse.move(0, 0);
      await look(page, `group-${scheme}-${size}`);
      await page.getByRole('button', { name: 'About this conversation' }).click();
      await page.getByRole('complementary').getByText('Alice (you)').waitFor();
      await look(page, `group-info-${scheme}-${size}`);
      await page.getByRole('complementary').getByRole('button', { name: 'Close' }).click();
      await page.locator('.message.own').first().click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Read by' }).waitFor();
      await look(page, `message-menu-${scheme}-${size}`);
      await page.getByRole('menuitem', { name: 'Read by' }).click();
      await page.getByRole('dialog').getByText('Jonas Weber').waitFor();
      await look(page, `read-by-${scheme}-${size}`);
      await page.keyboard.press('Escape');
      if (size === 'narrow') {
        await page.getByRole('button', { name: 'Back to the list' }).click();
      }
      await page.getByRole('button', { name: 'New conversation' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Group', exact: true }).click();
      await look(page, `new-group-${scheme}-${size}`);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('dialog').getByText('this device').waitFor();
      await look(page, `settings-${scheme}-${size}`);
      assert.deepEqual(page.errors, []);
      await page.context().close();
    });
  }
}

test('everything is there for the keyboard alone', async () => {
  const page = await enter(browser, msgd, 'Alice');
  await page.getByText('Thursday, ten o').waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('launch');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Launch team' }).waitFor();
  await page.locator('.text', { hasText: 'Five works' }).waitFor();
  // From the composer back into the messages, and up to one.
  await page.getByRole('region', { name: 'Messages' }).focus();
  for (const _ of [1, 2, 3]) await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Read by' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('menuitem', { name: 'Read by' }).waitFor({ state: 'detached' });
  assert.ok(await page.evaluate(() => document.activeElement.classList.contains('message')));
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Escape');
  const first = page.url();
  await page.keyboard.press('Alt+ArrowDown');
  await page.waitForURL((url) => url.href !== first);
  await page.context().close();
});
