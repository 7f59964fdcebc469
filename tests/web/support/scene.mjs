// SPDX-License-Identifier: Apache-2.0
// A small world to look at: people who talk.

export async function direct(msgd, who, other) {
  const conversation = await msgd.ask(who, 'POST', '/conversations',
    { kind: 'direct', user_id: other });
  return conversation.id;
}

export const say = (msgd, who, id, content, more = {}) =>
  msgd.ask(who, 'POST', `/conversations/${id}/messages`, { content, ...more });

export async function scene(msgd) {
  const { alice, bob, carol } = msgd.tokens.users;
  const mia = await msgd.user('mia', 'Mia Lindqvist', 'Out hiking until Monday');
  const jonas = await msgd.user('jonas', 'Jonas Weber');
  const priya = await msgd.user('priya', 'Priya Raman', 'Design, mostly type');
  const tom = await msgd.user('tom', 'Tomás Ferreira');
  const others = [jonas, priya, tom];

  const old = await direct(msgd, 'alice', tom.id);
  await say(msgd, tom, old, 'The invoice is paid, thanks for the reminder.');
  const photos = await direct(msgd, 'alice', mia.id);
  await say(msgd, mia, photos, 'We made it to the hut ⛰️ Photos when I am back in the valley.');

  const club = await msgd.ask('alice', 'POST', '/conversations',
    { kind: 'group', title: 'Tuesday climbing', user_ids: [jonas.id, tom.id, mia.id] });
  await say(msgd, jonas, club.id, 'Hall is closed this week. Outdoors instead?');
  await say(msgd, 'alice', club.id, 'If the forecast holds, yes.');

  const team = await msgd.ask('alice', 'POST', '/conversations', { kind: 'group',
    title: 'Launch team', user_ids: [bob.id, carol.id, priya.id, jonas.id] });
  await say(msgd, priya, team.id, 'New specimen is up: https://example.com/specimen/4');
  await say(msgd, priya, team.id,
    'I loosened the leading a little and took one weight out. Reads calmer on small screens.');
  const praise = await say(msgd, jonas, team.id, 'That is a big step. The numbers line up now.');
  await say(msgd, 'bob', team.id, '@alice can you look at the dark one before we freeze?',
    { mentions: [alice.id] });
  const answer = await say(msgd, 'alice', team.id,
    'Looking now. The contrast on secondary text is right at the edge, I would go one step up.',
    { reply_to: 2 });
  await say(msgd, 'carol', team.id, 'Agreed. Freeze at five?');
  await say(msgd, 'alice', team.id, 'Five works 👍');
  for (const who of [priya, 'bob', 'carol']) {
    await msgd.ask(who, 'POST', `/messages/${praise.id}/reactions`, { emoji: '🎉' });
  }
  await msgd.ask('alice', 'POST', `/messages/${praise.id}/reactions`, { emoji: '🎉' });
  await msgd.ask(jonas, 'POST', `/messages/${answer.id}/reactions`, { emoji: '👍' });
  await msgd.ask('alice', 'POST', `/messages/${praise.id}/pin`, {});
  for (const who of [...others.slice(0, 2), 'bob', 'carol']) {
    await msgd.ask(who, 'POST', `/conversations/${team.id}/read`, { seq: 7 });
  }

  const bobs = await direct(msgd, 'bob', alice.id);
  await say(msgd, 'alice', bobs, 'Did the migration finish?');
  await say(msgd, 'bob', bobs, 'An hour ago, and without a single retry.');
  await say(msgd, 'bob', bobs, 'I left it running against the copy overnight. Same counts on both '
    + 'sides, checksums too.');
  await say(msgd, 'alice', bobs, 'Wonderful. Then we switch on Thursday?');
  await msgd.ask('bob', 'POST', `/conversations/${bobs}/read`, { seq: 4 });
  await msgd.ask('alice', 'POST', `/conversations/${bobs}/read`, { seq: 4 });
  await msgd.ask('alice', 'POST', `/conversations/${team.id}/read`, { seq: 7 });
  await say(msgd, 'bob', bobs, 'Thursday, ten o’clock. I will write the note to everybody.');

  const carols = await direct(msgd, 'carol', alice.id);
  await say(msgd, 'carol', carols, 'Lunch?');
  await say(msgd, 'carol', carols, 'The new place has a table at one');
  return { mia, jonas, priya, tom, team: team.id, bobs, carols, club: club.id };
}
