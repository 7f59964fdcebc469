// SPDX-License-Identifier: Apache-2.0
// What other people write is text, and nothing leaves for another origin.
import assert from 'node:assert/strict';
import { enter, launch, openChat } from './support/browser.mjs';
import { Msgd } from './support/msgd.mjs';
import { direct, say } from './support/scene.mjs';
import { world } from './support/world.mjs';

let msgd;
let browser;
const test = world(async () => {
  [msgd, browser] = await Promise.all([Msgd.start(), launch()]);
}, async () => {
  await browser?.close();
  await msgd?.stop();
});

const kHostile = [
  '<img src=x onerror="document.title=\'owned\'">',
  '<script>document.title="owned"</script>',
  'javascript:document.title="owned"',
  'https://example.com/"onmouseover="document.title=1',
  '${document.title="owned"} {{7*7}} &lt;b&gt;',
];

test('markup in names and messages is shown as it was typed', async () => {
  const name = '<b onclick=x>Eve</b>';
  const eve = await msgd.user('eve', name);
  const id = await direct(msgd, eve, msgd.tokens.users.alice.id);
  for (const text of kHostile) await say(msgd, eve, id, text);
  const page = await enter(browser, msgd, 'Alice');
  const elsewhere = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(msgd.page).origin)) elsewhere.push(request.url());
  });
  await openChat(page, name);
  for (const text of kHostile) await page.locator('.text', { hasText: text }).waitFor();
  const links = await page.locator('.text a').evaluateAll((all) => all.map((a) =>
    [a.protocol, a.rel, a.target]));
  assert.deepEqual(links, [['https:', 'noopener noreferrer', '_blank']]);
  assert.equal(await page.locator('.text img, .text script, .text b').count(), 0);
  assert.doesNotMatch(await page.title(), /owned/);
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test('the policy lets nothing in that is not a file of this origin', async () => {
  const page = await enter(browser, msgd, 'Alice');
  const refused = await page.evaluate(async () => {
    const seen = [];
    document.addEventListener('securitypolicyviolation', (e) => seen.push(e.effectiveDirective));
    const script = document.createElement('script');
    try {
      script.textContent = 'document.title = "owned"';
      document.body.append(script);
    } catch (error) {
      seen.push(error.name);
    }
    const image = document.createElement('img');
    image.src = 'https://example.com/pixel.png';
    document.body.append(image);
    await fetch('https://example.com/').catch(() => seen.push('fetch'));
    try {
      document.body.innerHTML = '<b>owned</b>';
    } catch (error) {
      seen.push(error.name);
    }
    await new Promise((done) => setTimeout(done, 0));
    return [seen, document.title];
  });
  const [seen, title] = refused;
  for (const one of ['img-src', 'connect-src', 'fetch', 'TypeError']) {
    assert.ok(seen.includes(one), `${one} is not among ${seen}`);
  }
  assert.doesNotMatch(title, /owned/);
  await page.context().close();
});
