// A server is there at once, while it indexes; and what changes on disk reaches it by itself.
// Waits are bounded, but nothing is asserted about how long they took.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, renameSync, rmSync} from 'node:fs';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {eventually, Workshop, writeFiles} from './support/callslip.mjs';
import {documents, manyDocuments} from './support/documents.mjs';
import {RawClient} from './support/raw_client.mjs';
import {calls, toolNames} from './support/results.mjs';

const found = async (client, query) =>
    (await client.call('doc_search', {query, exact: [query], detail: 'ids'})).chunks.length > 0;

const indexed = client => eventually('the end of the indexing', async () => {
  const {index} = await client.call('list_documents', {limit: 1});
  return index.indexing ? undefined : index;
}, 90);

describe('serve PATH while the first indexing runs', () => {
  const files = 4000;
  let workshop, server, client;
  const seen = [];  // what results said of the index, in order

  before(async () => {
    workshop = new Workshop({...documents, ...manyDocuments(files, 40)});
    server = await workshop.serve('--threads', '1', workshop.library);
    client = await RawClient.connect(server.url);
  });
  after(() => workshop.close());

  test('the protocol is answered at once', async () => {
    const {result} = await client.request('tools/list');
    assert.equal(result.tools.length, 4);
    const health = await fetch(`http://${server.authority}/healthz`);
    assert.equal(health.status, 200);
  });

  test('the first calls are answered from what is committed, and say how far it is', async () => {
    for (const name of ['doc_search', 'list_documents']) {
      const args = name === 'doc_search' ? {query: 'rudder of the anchor'} : {};
      const {result} = await client.request('tools/call', {name, arguments: args});
      assert.ok(!result.isError, JSON.stringify(result));
      const {index} = result.structuredContent;
      seen.push(index);
      if (!index.indexing) continue;  // a fast machine
      const {done, total} = index.indexing;
      assert.ok(Number.isInteger(done) && Number.isInteger(total) && done <= total);
    }
  });

  test('at its end all is there, and no result speaks of indexing any more', async () => {
    const index = await indexed(client);
    assert.equal(index.documents, files + Object.keys(documents).length);
    assert.ok(seen.every(earlier => earlier.documents <= index.documents));
    assert.ok(await found(client, 'Petrel'));
    assert.ok(await found(client, `Entry ${files - 1}.39`));
  });
});

test('a server that cannot commit yet answers calls, and says that it is indexing', async t => {
  const workshop = new Workshop();
  t.after(() => workshop.close());
  // As a writer that takes long: nothing can be committed while it has the lock.
  mkdirSync(workshop.index);
  const writer = spawn('flock', [path.join(workshop.index, 'lock'), 'sh', '-c', 'echo held; cat'],
                       {stdio: ['pipe', 'pipe', 'inherit']});
  t.after(() => writer.kill('SIGKILL'));
  await once(writer.stdout, 'data');
  const server = await workshop.serve('--index', workshop.index, workshop.library);
  const client = await RawClient.connect(server.url);
  assert.equal((await client.request('tools/list')).result.tools.length, 4);
  const answers = await Promise.all(toolNames.map(async name => {
    const params = {name, arguments: calls[name]};
    return [name, (await client.request('tools/call', params)).result];
  }));
  for (const [name, {structuredContent, content, isError}] of answers) {
    await t.test(`${name} answers`, () => {
      assert.ok(!isError, content[0].text);
      assert.equal(structuredContent.index.documents, 0);
      assert.ok(structuredContent.index.indexing, JSON.stringify(structuredContent));
    });
    await t.test(`the text of ${name} says so by itself`, () => {
      assert.match(content[0].text, /indexing is under way/);
    });
  }
  writer.stdin.end();  // it lets go of the lock
  await eventually('the documents', () => found(client, 'Petrel'));
});

describe('a running server', () => {
  let workshop, server, client, yard;

  before(async () => {
    workshop = new Workshop();
    yard = path.join(workshop.root, 'yard');
    writeFiles(yard, {'gate.txt': 'The gate of the yard is painted green.\n'});
    server = await workshop.serve('--index', workshop.index, workshop.library, yard);
    client = await RawClient.connect(server.url);
    await indexed(client);
  });
  after(() => workshop.close());

  test('sees a file that was changed', async () => {
    assert.ok(await found(client, 'colza'));
    workshop.write({'handbook/lamp.md': '# The lamp\n\nThe lighthouse was electrified yesterday.\n'});
    await eventually('the new text', () => found(client, 'electrified'));
    assert.ok(!await found(client, 'colza'), 'and the old text is gone');
  });

  test('sees a file that is new', async () => {
    workshop.write({'handbook/boats/dinghy.md': 'The dinghy is called Grebe.\n'});
    await eventually('the new file', () => found(client, 'Grebe'));
  });

  test('sees that a file was deleted', async () => {
    assert.ok(await found(client, 'Petrel'));
    rmSync(path.join(workshop.library, 'handbook/visitors.md'));
    await eventually('the deletion', async () => !await found(client, 'Petrel'));
    const {result} = await client.request('tools/call', {
      name: 'doc_search', arguments: {query: 'x', documents: ['library/handbook/visitors.md']}});
    assert.equal(result.isError, true);
  });

  test('serves what another process indexes meanwhile', async () => {
    const other = path.join(workshop.root, 'annex');
    writeFiles(other, {'cellar.txt': 'The cellar holds forty jars of quince jam.\n'});
    await workshop.must('index', '--index', workshop.index, other);
    await eventually('the other folder', () => found(client, 'quince'));
    assert.ok(await found(client, 'electrified'), 'and its own documents');
  });

  test('serves no longer what another process removes', async () => {
    await workshop.must('remove', '--index', workshop.index, 'annex/');
    await eventually('the removal', async () => !await found(client, 'quince'));
  });

  describe('whose folder goes away, as an unmounted disk does', () => {
    let elsewhere;

    before(async () => {
      elsewhere = path.join(workshop.root, 'elsewhere');
      renameSync(workshop.library, elsewhere);
      // Once this is seen, the server has looked at its folders since then.
      writeFiles(yard, {'pump.txt': 'The pump of the yard is rusty.\n'});
      await eventually('a look at the folders', () => found(client, 'rusty'));
    });

    test('keeps what it has', async () => {
      assert.ok(await found(client, 'electrified'));
      assert.ok(await found(client, 'petrels'));
    });

    test('warns about it', () => {
      assert.match(server.stderr, new RegExp(`${workshop.library}.*No such file`));
    });

    test('goes on when the folder is back', async () => {
      renameSync(elsewhere, workshop.library);
      workshop.write({'handbook/return.md': 'Back again, with marmalade.\n'});
      await eventually('the new file', () => found(client, 'marmalade'));
    });
  });
});

test('of two servers on one index the other goes on watching when one ends', async t => {
  const workshop = new Workshop();
  t.after(() => workshop.close());
  const flags = ['--index', workshop.index, workshop.library];
  const first = await workshop.serve(...flags);
  await indexed(await RawClient.connect(first.url));
  const second = await workshop.serve(...flags);
  const client = await RawClient.connect(second.url);
  await indexed(client);
  workshop.write({'handbook/a.md': 'A heron stood on the breakwater.\n'});
  await eventually('a change while both run', () => found(client, 'heron'));
  await first.stop();
  workshop.write({'handbook/b.md': 'A kingfisher dived from the jetty.\n'});
  await eventually('a change when the first has ended', () => found(client, 'kingfisher'));
});
