// Resources, prompts and completion, with the SDK's client over stdio and over a WebSocket.

import assert from 'node:assert/strict';
import {readFileSync, rmSync} from 'node:fs';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';
import {fileURLToPath} from 'node:url';

import {Client} from '@modelcontextprotocol/sdk/client/index.js';
import {StdioClientTransport} from '@modelcontextprotocol/sdk/client/stdio.js';
import {StreamableHTTPClientTransport} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {WebSocketClientTransport} from '@modelcontextprotocol/sdk/client/websocket.js';
import {UriTemplate} from '@modelcontextprotocol/sdk/shared/uriTemplate.js';
import {
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';

import {binary, eventually, Workshop} from './support/callslip.mjs';
import {manyDocuments} from './support/documents.mjs';

const transports = {
  stdio: async workshop => {
    await workshop.must('index', '--index', workshop.index, workshop.library);
    return new StdioClientTransport({
      command: binary,
      args: ['serve', '--stdio', '--index', workshop.index],
      env: workshop.environment,
    });
  },
  WebSocket: async workshop => new WebSocketClientTransport((await workshop.serveIndexed()).url),
  HTTP: async workshop => {
    const server = await workshop.serveIndexed();
    return new StreamableHTTPClientTransport(new URL(`http://${server.authority}/mcp`));
  },
};

for (const [name, open] of Object.entries(transports)) {
  describe(`a client over ${name}`, () => {
    let workshop, client, uri;
    const errors = [];

    before(async () => {
      workshop = new Workshop();
      client = new Client({name: 'callslip-e2e', version: '1'});
      client.onerror = error => errors.push(error);
      await client.connect(await open(workshop));
      uri = document => `file://${workshop.library}/${document}`;
    });
    after(() => workshop.close());
    after(async () => {
      await client?.close();
      assert.deepEqual(errors, []);
    });

    test('sees every document as a resource, and reads what its file says', async () => {
      const {resources} = await client.listResources();
      const names = resources.map(resource => resource.name);
      const documents = resources.filter(resource => resource.uri.startsWith('file://'));
      assert.equal(documents.length, 7, names.join(' '));
      for (const {uri: each, size, mimeType} of documents) {
        const {contents: [content]} = await client.readResource({uri: each});
        assert.equal(content.uri, each);
        assert.equal(content.mimeType, mimeType);
        assert.equal(Buffer.byteLength(content.text), size);
        if (!each.endsWith('.html')) {
          assert.equal(content.text, readFileSync(fileURLToPath(each), 'utf8'));
        }
      }
      const cpp = resources.find(resource => resource.name === 'library/source/tide_table.c');
      assert.equal(cpp.mimeType, 'text/x-c');
    });

    test('fills templates, in the SDK\'s own way', async () => {
      const {resourceTemplates} = await client.listResourceTemplates();
      const fill = async (template, values) => {
        const {uriTemplate} = resourceTemplates.find(each => each.name === template);
        const filled = new UriTemplate(uriTemplate).expand(values);
        return (await client.readResource({uri: filled})).contents[0].text;
      };
      assert.match(await fill('document', {name: 'library/zh/灯塔.md'}), /灯塔手册/);
      assert.match(await fill('section', {name: 'library/handbook/lamp.md', heading: 'Storm glass'}),
                   /^## Storm glass[^]*gale\.\n$/);
      const {structuredContent} = await client.callTool(
          {name: 'doc_search', arguments: {query: 'fog horn', whole: false}});
      const [chunk] = structuredContent.chunks;
      assert.equal(await fill('chunk', {chunk_id: chunk.chunk_id}), chunk.text);
    });

    test('is linked to the documents that a result speaks of', async () => {
      const {content} = await client.callTool(
          {name: 'doc_search', arguments: {query: 'fog horn', whole: false}});
      const links = content.filter(item => item.type === 'resource_link');
      assert.ok(links.length >= 1 && links.length <= 5);
      assert.equal(links[0].uri, uri('handbook/lamp.md'));
      assert.match((await client.readResource({uri: links[0].uri})).contents[0].text, /colza oil/);
    });

    test('is refused what is not indexed', async () => {
      for (const bad of ['file:///etc/passwd', `${uri('handbook')}/../../../etc/passwd`,
                         uri('handbook/%2e%2e/handbook/lamp.md'), 'test://nothing']) {
        await assert.rejects(client.readResource({uri: bad}),
                             error => error.code === -32002 && error.data.uri === bad);
      }
    });

    test('gets prompts with its arguments in them', async () => {
      const {prompts} = await client.listPrompts();
      assert.deepEqual(prompts.map(prompt => prompt.name),
                       ['answer_step_by_step', 'summarize_document']);
      const {messages: [{content}]} = await client.getPrompt(
          {name: 'answer_step_by_step', arguments: {question: 'What drives the fog horn?'}});
      assert.match(content.text, /What drives the fog horn\?/);
      await assert.rejects(client.getPrompt({name: 'answer_step_by_step', arguments: {}}),
                           error => error.code === -32602 && /question is missing/.test(error.message));
    });

    test('is offered names and headings', async () => {
      const ref = {type: 'ref/prompt', name: 'summarize_document'};
      const names = await client.complete({ref, argument: {name: 'document', value: 'LAMP'}});
      assert.deepEqual(names.completion,
                       {values: ['library/handbook/lamp.md'], total: 1, hasMore: false});
      const headings = await client.complete({
        ref,
        argument: {name: 'section', value: 'f'},
        context: {arguments: {document: 'library/handbook/lamp.md'}},
      });
      assert.deepEqual(headings.completion.values, ['Fog']);
      const {completion} = await client.complete({
        ref: {type: 'ref/resource', uri: 'callslip://section/{name}/{heading}'},
        argument: {name: 'name', value: 'маяк'},
      });
      assert.deepEqual(completion.values, ['library/ru/маяк.txt']);
    });

    test('is told of what changes', async () => {
      const lists = [];
      const updates = [];
      client.setNotificationHandler(ResourceListChangedNotificationSchema, () => lists.push(1));
      client.setNotificationHandler(ResourceUpdatedNotificationSchema,
                                    ({params}) => updates.push(params.uri));
      await client.subscribeResource({uri: uri('handbook/lamp.md')});
      await client.subscribeResource({uri: uri('handbook/visitors.md')});
      await client.unsubscribeResource({uri: uri('handbook/visitors.md')});
      workshop.write({
        'handbook/lamp.md': '# The lamp\n\nIt is electric now.\n',
        'handbook/visitors.md': '# Visitors\n\nNone.\n',
        'handbook/new.md': '# New\n',
      });
      await workshop.must('index', '--index', workshop.index, workshop.library);
      await eventually('the news of the list', () => lists.length > 0);
      await eventually('the news of the lamp', () => updates.length > 0);
      assert.deepEqual([...new Set(updates)], [uri('handbook/lamp.md')]);
      const {contents: [content]} = await client.readResource({uri: uri('handbook/lamp.md')});
      assert.match(content.text, /electric/);
      rmSync(path.join(workshop.library, 'handbook/new.md'));
      await workshop.must('index', '--index', workshop.index, workshop.library);
      await eventually('the news that it went', () => lists.length > 1);
    });
  });
}

test('pages hold each of 250 documents once, while commits land', async () => {
  const workshop = new Workshop(manyDocuments(250, 1));
  try {
    const client = new Client({name: 'callslip-e2e', version: '1'});
    await client.connect(await transports.WebSocket(workshop));
    const names = [];
    let cursor;
    do {
      const page = await client.listResources(cursor ? {cursor} : {});
      names.push(...page.resources.map(resource => resource.name).filter(name => /log-/.test(name)));
      cursor = page.nextCursor;
      workshop.write({[`logs/00/later-${names.length}.md`]: 'Later.\n'});
      await workshop.must('index', '--index', workshop.index, workshop.library);
    } while (cursor);
    assert.equal(names.length, 250);
    assert.equal(new Set(names).size, 250);
    await client.close();
  } finally {
    await workshop.close();
  }
});
