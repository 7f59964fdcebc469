// SPDX-License-Identifier: Apache-2.0
// A conversation of 100,000 messages: any place is a moment away, and scrolling is smooth.
import assert from 'node:assert/strict';
import { enter, launch, openChat } from './support/browser.mjs';
import { Msgd } from './support/msgd.mjs';
import { direct } from './support/scene.mjs';
import { world } from './support/world.mjs';

const kMessages = 100_000;
const kFrameMs = 16;
const kFrames = 600;
let msgd;
let browser;
const test = world(async () => {
  // Frames come as fast as they are made, so the time between two is what one costs.
  const freely = ['--disable-gpu-vsync', '--disable-frame-rate-limit'];
  [msgd, browser] = await Promise.all(
    [Msgd.start(['--ws-frames-per-second-max', '1000000']), launch(freely)]);
}, async () => {
  await browser?.close();
  await msgd?.stop();
});

/** Many at once over one WebSocket of the browser, alternating between two people. */
async function fill(page, id, tokens) {
  await page.evaluate(async ({ id, tokens, count }) => {
    const words = 'calm river stone morning letter window garden under quiet seven'.split(' ');
    const text = (n) => `${n} ${Array.from({ length: 1 + (n * 7) % 23 },
      (_, i) => words[(n + i * 3) % 10]).join(' ')}`;
    const url = `${location.origin.replace('http', 'ws')}/api/v1/ws`;
    const ask = (socket, frame) => socket.send(JSON.stringify(frame));
    const sockets = await Promise.all(tokens.map((token) => new Promise((ready, fail) => {
      const socket = new WebSocket(url, 'msg.v1.json');
      socket.onopen = () => ask(socket, { id: 0, op: 'hello', token });
      socket.onmessage = () => ready(socket);
      socket.onclose = fail;
    })));
    let sent = 0;
    await new Promise((done, fail) => {
      let answered = 0;
      const next = () => {
        if (sent >= count) return;
        sent += 1;
        ask(sockets[sent % 9 < 5 ? 0 : 1],
          { id: sent, op: 'send', conversation_id: id, content: text(sent) });
      };
      for (const socket of sockets) {
        socket.onclose = ({ code, reason }) => fail(new Error(`closed: ${code} ${reason}`));
        socket.onmessage = ({ data }) => {
          const frame = JSON.parse(data);
          if (!('ok' in frame) || !frame.id) return;
          if (!frame.ok) fail(new Error(data));
          answered += 1;
          if (answered === count) done();
          next();
        };
      }
      // No more than the server keeps for a page that does not read for a while.
      for (let i = 0; i < 100; ++i) next();
    });
    for (const socket of sockets) {
      socket.onclose = null;
      socket.close();
    }
  }, { id, tokens, count: kMessages });
}

/** Scrolls by so many pixels a frame, and gives the milliseconds of each frame. */
function scroll(page, frames, step) {
  return page.evaluate(({ frames, step }) => new Promise((done) => {
    const box = document.querySelector('.scroller');
    const times = [];
    let before = 0;
    const frame = (now) => {
      if (before) times.push(now - before);
      before = now;
      if (times.length === frames) return done(times);
      box.scrollTop += step;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }), { frames, step });
}

const at = (times, part) => [...times].sort((a, b) => a - b)[Math.floor(times.length * part)];

/** The numbers of the messages that are in view. */
const inView = (page) => page.evaluate(() => {
  const box = document.querySelector('.scroller').getBoundingClientRect();
  return [...document.querySelectorAll('.line')].filter((line) => {
    const { top, bottom } = line.getBoundingClientRect();
    return bottom > box.top && top < box.bottom && line.querySelector('.text');
  }).map((line) => [Number(line.dataset.seq), parseInt(line.querySelector('.text').textContent)]);
});

async function shows(page, seq) {
  await page.locator(`.line[data-seq="${seq}"] .text`).waitFor();
  const seen = await inView(page);
  assert.ok(seen.some(([one]) => one === seq), `${seq} is not among ${seen}`);
  // Every row has the message of its number: they were numbered as they were sent.
  for (const [number, said] of seen) assert.ok(Math.abs(number - said) < 1000, `${number} ${said}`);
}

test('100,000 messages: ends, dates, unread and a smooth way in between', async (t) => {
  const { alice, bob } = msgd.tokens.users;
  const id = await direct(msgd, 'alice', bob.id);
  const page = await enter(browser, msgd, 'Alice');
  await fill(page, id, [alice.token, bob.token]);
  await msgd.ask('alice', 'POST', `/conversations/${id}/read`, { seq: 60_000 });
  await page.reload();
  const opened = Date.now();
  await openChat(page, 'Bob');
  await page.getByText('New messages').waitFor();
  t.diagnostic(`opened at the first unread message in ${Date.now() - opened} ms`);
  await shows(page, 60_001);

  await page.getByRole('button', { name: 'To the end' }).click();
  await shows(page, kMessages);
  await page.getByRole('region', { name: 'Messages' }).focus();
  await page.keyboard.press('Home');
  await shows(page, 1);

  await page.getByRole('button', { name: 'Jump to a date' }).click();
  await page.getByRole('textbox', { name: 'Date' }).fill(new Date().toISOString().slice(0, 10));
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('textbox', { name: 'Date' }).waitFor({ state: 'detached' });
  await shows(page, 1);

  // The bar dragged to the middle.
  await page.evaluate(() => {
    const box = document.querySelector('.scroller');
    box.scrollTop = box.scrollHeight / 2;
  });
  await page.waitForFunction(() => {
    const lines = [...document.querySelectorAll('.line')];
    return Number(lines[0].dataset.seq) > 40_000 && lines.some((one) => one.querySelector('.text'));
  });

  // What a frame costs is what the page's thread works for it: how long it takes by the clock is
  // also a matter of what else the machine has to do, and only told.
  const tools = await page.context().newCDPSession(page);
  await tools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const worked = async () => (await tools.send('Performance.getMetrics')).metrics
    .find((one) => one.name === 'TaskDuration').value * 1000;
  for (const [name, step] of [['down', 90], ['up', -90], ['fast', 1500]]) {
    const before = await worked();
    const times = await scroll(page, kFrames, step);
    const work = (await worked() - before) / kFrames;
    const figures = [0.5, 0.95, 0.99].map((part) => at(times, part).toFixed(1)).join(' / ');
    t.diagnostic(`scrolling ${name}: ${work.toFixed(1)} ms of work a frame; by the clock ${figures}`
      + ' ms (p50 / p95 / p99)');
    // A figure of a quiet machine: scripts/test --long asks for it.
    if (process.env.LIBMSG_FRAMES) assert.ok(at(times, 0.5) < kFrameMs, `${name}: ${figures}`);
  }
  const rows = await page.locator('.line').count();
  t.diagnostic(`${rows} rows in the page`);
  assert.ok(rows < 120, `${rows} rows are in the page`);
  assert.deepEqual(page.errors, []);
});

test('what one reads stays where it is while others write', async () => {
  const page = await enter(browser, msgd, 'Alice');
  const [{ conversation: { id } }] = (await msgd.ask('alice', 'GET', '/conversations')).items;
  await openChat(page, 'Bob');
  await page.getByRole('region', { name: 'Messages' }).focus();
  await page.keyboard.press('Home');
  await shows(page, 1);
  await page.evaluate(() => (document.querySelector('.scroller').scrollTop = 4000));
  await page.waitForFunction(() => document.querySelectorAll('.line .text').length > 10
    && !document.querySelector('.skeleton'));
  const place = () => page.evaluate(() => {
    const line = [...document.querySelectorAll('.line')].find((one) =>
      one.getBoundingClientRect().top > 200);
    return [line.dataset.seq, Math.round(line.getBoundingClientRect().top)];
  });
  const before = await place();
  for (const n of [1, 2, 3]) {
    await msgd.ask('bob', 'POST', `/conversations/${id}/messages`, { content: `more ${n}` });
  }
  await page.locator('.row', { hasText: 'more 3' }).waitFor();
  assert.deepEqual(await place(), before);
});
