// What goes over the wire, byte for byte but for what varies: each file of tests/golden/wire has a
// request and the reply to it. UPDATE=1 rewrites the replies, so that a change is a diff to read.

import assert from 'node:assert/strict';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';
import {pathToFileURL} from 'node:url';

import {Workshop} from './support/callslip.mjs';
import {RawClient} from './support/raw_client.mjs';

const folder = path.join(process.env.CALLSLIP_TESTS, 'golden', 'wire');
const update = Boolean(process.env.UPDATE);

// What stands for a value that differs between runs or machines, by its key.
const placeholders = {
  revision: () => '<revision>',
  version: () => '<version>',
  modified: () => '<time>',
  lastModified: () => '<time>',
  next_cursor: () => '<cursor>',
  score: score => Math.round(score * 100) / 100,
  seconds: () => 0,
};

/** The reply as it is compared: keys sorted, and free of what varies. */
function normalised(reply, root) {
  const cursor = reply?.result?.structuredContent?.next_cursor;
  const value = (key, item) => {
    if (Object.hasOwn(placeholders, key)) return placeholders[key](item);
    if (typeof item === 'string') {
      const text = item.replaceAll(pathToFileURL(root).href, 'file:///<root>');
      return cursor ? text.replaceAll(cursor, '<cursor>') : text;
    }
    if (Array.isArray(item)) return item.map(one => value('', one));
    if (item === null || typeof item !== 'object') return item;
    // "version" and the like name properties in a schema.
    const inSchema = key === 'properties';
    const entries = Object.keys(item).sort().map(
        name => [name, value(inSchema ? '' : name, item[name])]);
    return Object.fromEntries(entries);
  };
  return value('', reply);
}

describe('the wire', () => {
  let workshop, server;

  before(async () => {
    workshop = new Workshop();
    server = await workshop.serveIndexed();
  });
  after(() => workshop.close());

  for (const name of readdirSync(folder).filter(file => file.endsWith('.json')).sort()) {
    test(path.parse(name).name, async () => {
      const file = path.join(folder, name);
      const golden = JSON.parse(readFileSync(file, 'utf8'));
      const client = await RawClient.connect(server.url);
      client.send(golden.raw ?? golden.request);
      let reply;
      if (name.startsWith('silent_')) {
        // Were there an answer, it would come before that to the ping.
        await client.request('ping');
        reply = client.messages.length === 1 ? null : client.messages[0];
      } else {
        reply = await client.receive('the reply', message => 'id' in message || 'error' in message);
      }
      client.socket.close();
      reply = normalised(reply, workshop.root);
      if (update) {
        writeFileSync(file, `${JSON.stringify({...golden, reply}, null, 2)}\n`);
      } else {
        assert.deepEqual(reply, golden.reply, `${golden.about} (UPDATE=1 accepts the new reply)`);
      }
    });
  }
});
