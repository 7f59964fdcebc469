// SPDX-License-Identifier: Apache-2.0
// Two people, two browsers, one server.
import assert from 'node:assert/strict';
import { drawn, enter, launch, openChat, write } from './support/browser.mjs';
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

async function pair() {
  const { bob } = msgd.tokens.users;
  await direct(msgd, 'alice', bob.id);
  const pages = await Promise.all([enter(browser, msgd, 'Alice'), enter(browser, msgd, 'Bob')]);
  await openChat(pages[0], 'Bob');
  await openChat(pages[1], 'Alice');
  return pages;
}

const close = (...pages) => Promise.all(pages.map((page) => {
  assert.deepEqual(page.errors, []);
  return page.context().close();
}));

test('what one writes the other reads, and the ticks say so', async () => {
  const [alice, bob] = await pair();
  await bob.bringToFront();
  await write(alice, 'Is anybody there?');
  await bob.locator('.bubble', { hasText: 'Is anybody there?' }).waitFor();
  await alice.locator('.message.own').last().getByRole('img', { name: 'read' }).waitFor();
  await write(bob, 'Yes, I am');
  await alice.locator('.bubble', { hasText: 'Yes, I am' }).waitFor();
  assert.deepEqual(await drawn(alice), ['Is anybody there?', 'Yes, I am']);
  assert.deepEqual(await drawn(bob), ['Is anybody there?', 'Yes, I am']);
  await close(alice, bob);
});

test('typing and presence show, and go', async () => {
  const [alice, bob] = await pair();
  await alice.locator('.subtitle', { hasText: 'online' }).waitFor();
  await bob.getByRole('textbox', { name: 'Message', exact: true }).pressSequentially('hm');
  await alice.locator('.chat-head .subtitle', { hasText: 'typing' }).waitFor();
  await bob.getByRole('textbox', { name: 'Message', exact: true }).press('Enter');
  await alice.locator('.chat-head .subtitle', { hasText: 'online' }).waitFor();
  await close(alice, bob);
});

test('a message is edited, answered, reacted to and deleted on both sides', async () => {
  const [alice, bob] = await pair();
  await write(alice, 'the frist draft');
  const own = alice.locator('.message.own', { hasText: 'frist' });
  await own.click({ button: 'right' });
  await alice.getByRole('menuitem', { name: 'Edit' }).click();
  await write(alice, 'the first draft');
  const his = bob.locator('.message', { hasText: 'the first draft' }).last();
  await his.getByText('edited').waitFor();
  assert.equal(await bob.getByText('frist').count(), 0);

  await his.click({ button: 'right' });
  await bob.getByRole('menuitem', { name: 'React with ❤️' }).click();
  await alice.getByRole('button', { name: '❤️ 1' }).waitFor();
  await bob.getByRole('button', { name: '❤️ 1', pressed: true }).click();
  await alice.getByRole('button', { name: '❤️ 1' }).waitFor({ state: 'detached' });

  await his.click({ button: 'right' });
  await bob.getByRole('menuitem', { name: 'Reply' }).click();
  await write(bob, 'much better');
  const answer = alice.locator('.message', { hasText: 'much better' });
  await answer.locator('.quote', { hasText: 'the first draft' }).waitFor();

  await alice.locator('.message.own', { hasText: 'the first draft' }).click({ button: 'right' });
  await alice.getByRole('menuitem', { name: 'Delete for everyone' }).click();
  await bob.locator('.gone', { hasText: 'Message deleted' }).waitFor();
  await bob.locator('.message', { hasText: 'much better' })
    .locator('.quote', { hasText: 'Message deleted' }).waitFor();
  await close(alice, bob);
});

test('a group is made, written to with a mention, renamed and left', async () => {
  const [alice, bob] = await pair();
  await alice.getByRole('button', { name: 'New conversation' }).click();
  await alice.getByRole('button', { name: 'Group', exact: true }).click();
  await alice.getByLabel('Title').fill('Orchard');
  await alice.getByPlaceholder('Username').fill('bob');
  await alice.getByRole('button', { name: 'Add' }).click();
  await alice.getByRole('button', { name: 'Create group' }).click();
  await alice.getByRole('heading', { name: 'Orchard' }).first().waitFor();
  const box = alice.getByRole('textbox', { name: 'Message', exact: true });
  await box.fill('look here @b');
  await alice.getByRole('option', { name: 'Bob' }).click();
  await box.press('Enter');
  const row = bob.locator('.row', { hasText: 'Orchard' });
  await row.getByRole('img', { name: 'You are mentioned' }).waitFor();
  await row.locator('a').click();
  await bob.locator('.mention', { hasText: '@bob' }).waitFor();
  await row.getByRole('img', { name: 'You are mentioned' }).waitFor({ state: 'detached' });

  await alice.getByRole('button', { name: 'About this conversation' }).click();
  await alice.getByRole('button', { name: 'Rename' }).click();
  await alice.getByLabel('Title').fill('Garden');
  await alice.getByRole('button', { name: 'Save' }).click();
  await bob.getByRole('heading', { name: 'Garden' }).first().waitFor();
  await bob.getByRole('button', { name: 'About this conversation' }).click();
  await bob.getByRole('button', { name: 'Leave group' }).click();
  await alice.locator('.chat-head', { hasText: '1 member' }).waitFor();
  await close(alice, bob);
});

test('a direct conversation is opened by username, and by phone number', async () => {
  await msgd.user('dana', 'Dana Scully');
  const fox = await msgd.user('fox', 'Fox Mulder');
  const page = await enter(browser, msgd, 'Carol');
  const open = async (who) => {
    await page.getByLabel('Username or phone number').fill(who);
    await page.getByRole('button', { name: 'Open' }).click();
  };
  await page.getByRole('button', { name: 'New conversation' }).click();
  await open('+1 415 555 0999');
  await page.getByRole('alert').filter({ hasText: 'Nobody is to be found' }).waitFor();
  await open(fox.phone.replace('+1415', '+1 (415) '));
  await page.getByRole('heading', { name: 'Fox Mulder' }).first().waitFor();
  await page.getByRole('button', { name: 'New conversation' }).click();
  await open('dana');
  await page.getByRole('heading', { name: 'Dana Scully' }).first().waitFor();
  await write(page, 'hello');
  await page.getByRole('img', { name: 'sent' }).first().waitFor();
  await close(page);
});

test('tabs and devices of one person stay in step, drafts and preferences are kept', async () => {
  const { bob } = msgd.tokens.users;
  const id = await direct(msgd, 'carol', bob.id);
  const page = await enter(browser, msgd, 'Carol');
  const tab = await page.context().newPage();
  const other = await enter(browser, msgd, 'Carol');
  await tab.goto(msgd.page);
  await say(msgd, 'bob', id, 'unread in three places');
  for (const one of [page, tab, other]) {
    await one.locator('.row.unread', { hasText: 'unread in three places' }).waitFor();
  }
  await tab.bringToFront();
  await openChat(tab, 'Bob');
  for (const one of [page, tab, other]) {
    await one.locator('.row.unread', { hasText: 'unread in three places' })
      .waitFor({ state: 'detached' });
  }
  const row = (one) => one.locator('.row', { hasText: 'Bob' });
  const choose = async (one, name) => {
    await row(one).getByRole('button', { name: 'More about Bob' }).click();
    await one.getByRole('menuitem', { name }).click();
  };
  await choose(page, 'Mute');
  await choose(other, 'Pin to top');
  for (const one of [page, tab, other]) {
    await row(one).getByLabel('muted').waitFor();
    await row(one).getByLabel('pinned').waitFor();
  }
  await choose(page, 'Archive');
  await row(other).waitFor({ state: 'detached' });
  await other.getByRole('button', { name: 'Archived (1)' }).click();
  await row(other).waitFor();
  await choose(other, 'Take out of archive');
  await row(page).waitFor();
  await openChat(page, 'Bob');
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('half a thou');
  await page.evaluate(() => new Promise((done) => setTimeout(done, 100)));
  await page.reload();
  assert.equal(
    await page.getByRole('textbox', { name: 'Message', exact: true }).inputValue(), 'half a thou');
  await close(page, other);
});

test('signing in by phone and code, and out', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(msgd.page);
  await page.getByLabel('Phone number').fill('+1 415 555 0177');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Code').waitFor();
  const line = msgd.log.findLast((entry) => entry.includes('14155550177'));
  await page.getByLabel('Code').fill(/"code":"(\d{6})"/.exec(line)[1]);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('No conversations yet').waitFor();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Sign out' }).last().click();
  await page.getByLabel('Phone number').waitFor();
  const left = await page.evaluate(async () =>
    [Object.keys(localStorage), (await indexedDB.databases()).length]);
  assert.deepEqual(left, [[], 0]);
  await context.close();
});
