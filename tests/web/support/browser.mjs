// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const fromWeb = createRequire(new URL('../../../server/web/package.json', import.meta.url));
const { chromium } = fromWeb('playwright-core');

export const root = fileURLToPath(new URL('../../../', import.meta.url));

// Long enough for a machine that has other things to do.
export const kPatienceMs = 120_000;

export function launch(more = []) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync', ...more],
  });
}

/** A browser of its own for a person: signed in with one click, as on a first look. */
export async function enter(browser, msgd, name, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 }, locale: 'en-GB', timezoneId: 'UTC', ...options });
  context.setDefaultTimeout(kPatienceMs);
  const page = await context.newPage();
  page.errors = [];
  page.on('pageerror', (error) => page.errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/WebSocket|Failed to load resource|ERR_/.test(message.text())) {
      page.errors.push(message.text());
    }
  });
  await page.goto(msgd.page);
  await page.getByRole('button', { name }).click();
  await page.getByRole('heading', { name: 'Messages' }).waitFor();
  return page;
}

/** Opens a conversation by its name in the list. */
export async function openChat(page, name) {
  await page.locator('.row .name', { hasText: name }).first().click();
  await page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
}

export async function write(page, text) {
  const box = page.getByRole('textbox', { name: 'Message', exact: true });
  await box.fill(text);
  await box.press('Enter');
}

/** The texts of the messages that the page has drawn, in their order; pending ones are last. */
export function drawn(page) {
  return page.locator('.bubble .text').evaluateAll((all) => all.map((one) =>
    [...one.childNodes].filter((n) => !n.classList?.contains('meta')).map((n) => n.textContent)
      .join('')));
}
