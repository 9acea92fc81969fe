// The .mcpb bundle, as a host installs and starts it; and server.json, the entry of a registry.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {getMcpConfigForManifest} from '@anthropic-ai/mcpb';
import {Client} from '@modelcontextprotocol/sdk/client/index.js';
import {StdioClientTransport} from '@modelcontextprotocol/sdk/client/stdio.js';
import Ajv from 'ajv';

const built = process.env.CALLSLIP_MCPB;
const bundle = path.join(built, readdirSync(built).find(name => name.endsWith('.mcpb')));
const version = execFileSync(process.env.CALLSLIP_BIN, ['--version'], {encoding: 'utf8'}).trim().split(' ')[1];
const scratch = mkdtempSync(path.join(tmpdir(), 'callslip-mcpb-'));
after(() => rmSync(scratch, {recursive: true, force: true}));
const installed = path.join(scratch, 'installed');

const mcpb = (...args) => execFileSync(process.execPath, ['node_modules/@anthropic-ai/mcpb/dist/cli/cli.js', ...args],
                                       {encoding: 'utf8'});
const manifest = () => JSON.parse(readFileSync(path.join(installed, 'manifest.json'), 'utf8'));

before(() => mcpb('unpack', bundle, installed));

test('its manifest is valid and says this version', () => {
  assert.match(mcpb('validate', path.join(installed, 'manifest.json')), /passes|valid/i);
  assert.equal(manifest().manifest_version, '0.4');
  assert.equal(manifest().version, version);
  assert.equal(manifest().server.type, 'binary');
  assert.deepEqual(manifest().compatibility.platforms, ['linux']);
});

test('packed by the tool of the format, it holds the same files', () => {
  const again = path.join(scratch, 'again.mcpb');
  mcpb('pack', installed, again);
  const copy = path.join(scratch, 'copy');
  mcpb('unpack', again, copy);
  const files = folder => readdirSync(folder, {recursive: true}).sort();
  assert.deepEqual(files(copy), files(installed));
});

test('every library comes from the bundle, but the C library, and with its licence', () => {
  const server = path.join(installed, 'server/callslip');
  assert.ok(statSync(server).mode & 0o100, 'executable');
  const libraries = execFileSync('ldd', [server], {encoding: 'utf8'});
  assert.doesNotMatch(libraries, /not found/);
  for (const [, library, where] of libraries.matchAll(/^\s*(\S+) => (\S+)/gm)) {
    if (/^lib(c|m|dl|rt|pthread|resolv)\.so/.test(library)) continue;
    assert.ok(where.startsWith(path.join(installed, 'server/lib')), `${library} => ${where}`);
  }
  const licences = readdirSync(path.join(installed, 'licenses'));
  for (const name of ['libxapian30.txt', 'libcurl4.txt', 'libicu72.txt', 'libsqlite3-0.txt']) {
    assert.ok(licences.includes(name), name);
  }
  assert.ok(existsSync(path.join(installed, 'LICENSE')));
});

test('installed as a host does it, it serves the folders that the user chose', async () => {
  const folders = ['one', 'and two'].map(name => path.join(scratch, name));
  folders.forEach((folder, i) => {
    mkdirSync(folder);
    writeFileSync(path.join(folder, `${i}.md`), `Heron number ${i} stands in the reeds.\n`);
  });
  const config = await getMcpConfigForManifest({
    manifest: manifest(), extensionPath: installed, systemDirs: {}, pathSeparator: '/',
    userConfig: {folders},
  });
  assert.deepEqual(config.args, ['serve', '--stdio', ...folders]);
  const client = new Client({name: 'host', version: '1'});
  await client.connect(new StdioClientTransport({...config, env: {HOME: scratch}, stderr: 'ignore'}));
  try {
    const {tools} = await client.listTools();
    assert.deepEqual(manifest().tools.map(tool => tool.name).sort(), tools.map(tool => tool.name).sort());
    const {content} = await client.callTool({name: 'doc_search', arguments: {query: 'heron'}});
    assert.match(content[0].text, /number 0 stands/);
    assert.match(content[0].text, /number 1 stands/);
  } finally {
    await client.close();
  }
});

test('server.json is what the registry asks for, and names this very bundle', () => {
  const entry = JSON.parse(readFileSync(path.join(built, 'server.json'), 'utf8'));
  // Draft 7; our own words for what the schema 2025-12-11 asks of an entry with one bundle, and the
  // schema itself where it is at hand.
  const text = (maxLength, pattern) => ({type: 'string', minLength: 1, maxLength, ...(pattern && {pattern})});
  const asked = {
    type: 'object',
    required: ['$schema', 'name', 'description', 'version', 'packages'],
    additionalProperties: false,
    properties: {
      $schema: {const: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'},
      name: text(200, '^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$'),
      title: text(100),
      description: text(100),
      version: text(255, '^\\d+\\.\\d+\\.\\d+$'),
      packages: {
        type: 'array', minItems: 1, maxItems: 1,
        items: {
          type: 'object',
          required: ['registryType', 'identifier', 'fileSha256', 'transport'],
          additionalProperties: false,
          properties: {
            registryType: {const: 'mcpb'},
            identifier: text(2000, '^https://[^/]+/.*mcpb'),
            version: text(255, '^\\d+\\.\\d+\\.\\d+$'),
            fileSha256: text(64, '^[a-f0-9]{64}$'),
            transport: {type: 'object', required: ['type'], properties: {type: {const: 'stdio'}}},
          },
        },
      },
    },
  };
  const ajv = new Ajv({strict: false, validateFormats: false});
  const schemas = [asked];
  const official = path.join(process.env.CALLSLIP_MCP_SCHEMAS ?? '', 'server-2025-12-11.schema.json');
  if (existsSync(official)) schemas.push(JSON.parse(readFileSync(official, 'utf8')));
  for (const schema of schemas) {
    const validate = ajv.compile(schema);
    assert.ok(validate(entry), JSON.stringify(validate.errors));
  }
  assert.equal(entry.version, version);
  assert.equal(entry.packages[0].fileSha256, createHash('sha256').update(readFileSync(bundle)).digest('hex'));
  assert.ok(entry.packages[0].identifier.endsWith(path.basename(bundle)));
});
