// SPDX-License-Identifier: Apache-2.0
// Usage: node smoke.js URL TOKEN PEER TEXT. Says hello, sends, and waits to see the message come.
const WebSocket = require('ws');

const [url, token, peer, text] = process.argv.slice(2);
const socket = new WebSocket(url, 'msg.v1.json');
let acknowledged = null;

function fail(why) {
  console.error(why);
  process.exit(1);
}

socket.on('open', () => {
  if (socket.protocol !== 'msg.v1.json') fail(`subprotocol ${socket.protocol}`);
  socket.send(JSON.stringify({id: 1, op: 'hello', token, cursor: ''}));
});
socket.on('message', (data) => {
  const frame = JSON.parse(data);
  if (frame.ok === false) fail(data.toString());
  if (frame.event === 'live') {
    socket.ping();
    socket.send(JSON.stringify({id: 2, op: 'send', receiver_id: peer, content: text}));
  } else if (frame.id === 2) {
    acknowledged = frame.result.seq;
  }
  if (frame.event === 'message' && frame.message.content === text) socket.seen = frame.message.seq;
  if (acknowledged && socket.seen === acknowledged) socket.close(1000);
});
socket.on('error', fail);
socket.on('close', (code) => {
  if (code !== 1000) fail(`closed with ${code}`);
  console.log(acknowledged);
});
