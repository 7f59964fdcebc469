// SPDX-License-Identifier: Apache-2.0
// The server dies, the network goes: what was written is there once, in order.
import assert from 'node:assert/strict';
import { drawn, enter, launch, openChat, write } from './support/browser.mjs';
import { Msgd } from './support/msgd.mjs';
import { direct } from './support/scene.mjs';
import { world } from './support/world.mjs';

let browser;
const test = world(async () => {
  browser = await launch();
}, () => browser?.close());

async function history(msgd, who, id) {
  const page = await msgd.ask(who, 'GET', `/conversations/${id}/messages?order=asc&limit=200`);
  return page.items.map((message) => message.content);
}

test('kill -9 while two people write: nothing is lost, nothing doubled', async () => {
  const msgd = await Msgd.start();
  try {
    const id = await direct(msgd, 'alice', msgd.tokens.users.bob.id);
    const [alice, bob] = await Promise.all(
      [enter(browser, msgd, 'Alice'), enter(browser, msgd, 'Bob')]);
    await openChat(alice, 'Bob');
    await openChat(bob, 'Alice');
    const written = { a: [], b: [] };
    let writing = true;
    const writer = async (page, letter) => {
      for (let n = 1; writing; ++n) {
        await write(page, `${letter}${n}`);
        written[letter].push(`${letter}${n}`);
      }
    };
    const people = [writer(alice, 'a'), writer(bob, 'b')];
    for (let round = 0; round < 3; ++round) {
      const before = written.a.length + written.b.length;
      while (written.a.length + written.b.length < before + 12) {
        await new Promise(setImmediate);
      }
      await msgd.kill();
      await msgd.run();
    }
    writing = false;
    await Promise.all(people);
    const wanted = written.a.length + written.b.length;
    for (const page of [alice, bob]) {
      await page.locator('[aria-label="waiting to be sent"]').first()
        .waitFor({ state: 'detached' }).catch(() => undefined);
      await page.waitForFunction(() => !document.querySelector('[aria-label="You, not sent yet"]'));
    }
    const stored = await history(msgd, 'alice', id);
    for (const letter of ['a', 'b']) {
      assert.deepEqual(stored.filter((text) => text[0] === letter), written[letter]);
    }
    assert.equal(stored.length, wanted);
    for (const page of [alice, bob]) {
      await page.locator('.text', { hasText: stored.at(-1) }).last().waitFor();
      const seen = await drawn(page);
      assert.deepEqual(seen, stored.slice(-seen.length));
      assert.deepEqual(page.errors, []);
    }
  } finally {
    await msgd.stop();
  }
});

test('with the server away one goes on writing; when it is back, all goes out once', async () => {
  const msgd = await Msgd.start();
  try {
    const id = await direct(msgd, 'alice', msgd.tokens.users.bob.id);
    const page = await enter(browser, msgd, 'Alice');
    await openChat(page, 'Bob');
    await write(page, 'before');
    await page.getByRole('img', { name: 'sent' }).first().waitFor();
    await msgd.kill();
    await page.getByText('Not connected').waitFor();
    for (const n of [1, 2, 3]) await write(page, `queued ${n}`);
    await page.waitForFunction(() =>
      document.querySelectorAll('[aria-label="waiting to be sent"]').length === 3);
    assert.deepEqual(await drawn(page), ['before', 'queued 1', 'queued 2', 'queued 3']);
    await msgd.run();
    await page.waitForFunction(() => !document.querySelector('[aria-label="You, not sent yet"]'));
    const all = ['before', 'queued 1', 'queued 2', 'queued 3'];
    assert.deepEqual(await drawn(page), all);
    assert.deepEqual(await history(msgd, 'alice', id), all);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  } finally {
    await msgd.stop();
  }
});

/** Passes WebSockets on, until the answer to a `send` comes: that is lost with its connection. */
async function loseFirstAnswer(page) {
  let lost = 0;
  await page.context().routeWebSocket(/^ws/, (client) => {
    const server = client.connectToServer();
    const sends = new Set();
    let isCut = false;
    client.onMessage((frame) => {
      const { id, op } = JSON.parse(frame);
      if (op === 'send' && lost === 0) sends.add(id);
      server.send(frame);
    });
    server.onMessage((frame) => {
      if (isCut || sends.has(JSON.parse(frame).id)) {
        if (!isCut) lost += 1;
        isCut = true;
        server.close();
        client.close({ code: 1012 });
      } else if (sends.size === 0) {
        client.send(frame); // the event of the same message is not to come in its place
      }
    });
  });
  await page.reload();
  return () => lost;
}

test('an answer that is lost is asked for again, and the message is there once', async () => {
  const msgd = await Msgd.start();
  try {
    const id = await direct(msgd, 'alice', msgd.tokens.users.bob.id);
    const page = await enter(browser, msgd, 'Alice');
    const lost = await loseFirstAnswer(page);
    await openChat(page, 'Bob');
    await write(page, 'once');
    await page.getByRole('img', { name: 'sent' }).first().waitFor();
    await page.waitForFunction(() => !document.querySelector('[aria-label="You, not sent yet"]'));
    assert.equal(lost(), 1);
    await write(page, 'then');
    await page.waitForFunction(() => !document.querySelector('[aria-label="You, not sent yet"]'));
    assert.deepEqual(await history(msgd, 'alice', id), ['once', 'then']);
    assert.deepEqual(await drawn(page), ['once', 'then']);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  } finally {
    await msgd.stop();
  }
});

test('without a network one goes on writing, too', async () => {
  const msgd = await Msgd.start();
  try {
    const id = await direct(msgd, 'alice', msgd.tokens.users.bob.id);
    const page = await enter(browser, msgd, 'Alice');
    await openChat(page, 'Bob');
    await page.context().setOffline(true);
    await page.getByText('Not connected').waitFor();
    for (const n of [1, 2]) await write(page, `offline ${n}`);
    await page.waitForFunction(() =>
      document.querySelectorAll('[aria-label="waiting to be sent"]').length === 2);
    await page.context().setOffline(false);
    await page.waitForFunction(() => !document.querySelector('[aria-label="You, not sent yet"]'));
    assert.deepEqual(await history(msgd, 'alice', id), ['offline 1', 'offline 2']);
    await page.context().close();
  } finally {
    await msgd.stop();
  }
});

test('a page that is closed with a full queue sends it when it is opened again', async () => {
  const msgd = await Msgd.start();
  try {
    const id = await direct(msgd, 'alice', msgd.tokens.users.bob.id);
    const page = await enter(browser, msgd, 'Alice');
    await openChat(page, 'Bob');
    // The page stays loadable; only its live connection is gone.
    await page.routeWebSocket(/api\/v1\/ws/, (socket) => socket.close());
    await page.reload();
    await openChat(page, 'Bob');
    for (const n of [1, 2]) await write(page, `kept ${n}`);
    await page.waitForFunction(() =>
      document.querySelectorAll('[aria-label="waiting to be sent"]').length === 2);
    const again = await page.context().newPage();
    await page.close();
    await again.goto(msgd.page);
    await openChat(again, 'Bob');
    await again.getByText('kept 2').first().waitFor();
    await again.getByRole('img', { name: 'sent', exact: true }).nth(1).waitFor();
    await again.waitForFunction(() =>
      !document.querySelector('[aria-label="You, not sent yet"], [aria-label="waiting to be sent"]'));
    assert.deepEqual(await history(msgd, 'alice', id), ['kept 1', 'kept 2']);
    assert.deepEqual(await drawn(again), ['kept 1', 'kept 2']);
  } finally {
    await msgd.stop();
  }
});

test('a reload shows what the device has before the server answers', async () => {
  const msgd = await Msgd.start();
  try {
    await direct(msgd, 'alice', msgd.tokens.users.bob.id);
    const page = await enter(browser, msgd, 'Alice');
    await openChat(page, 'Bob');
    await write(page, 'kept on this device');
    await page.getByRole('img', { name: 'sent' }).first().waitFor();
    await page.evaluate(() => new Promise((done) => setTimeout(done, 200)));
    const asked = [];
    await page.route('**/api/v1/**', (route) => {
      asked.push(route.request().url());
      return route.abort();
    });
    await page.routeWebSocket(/api\/v1\/ws/, () => undefined);
    await page.reload();
    await page.getByRole('heading', { name: 'Bob' }).first().waitFor();
    await page.locator('.text', { hasText: 'kept on this device' }).waitFor();
    await page.context().close();
  } finally {
    await msgd.stop();
  }
});
